import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { z } from 'zod';
import type { settleAnswer } from '../../../api/resources.ts';
import { ApiError, post } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { tell } from '../../components/toast.tsx';
import { may } from '../../me.ts';
import { navigate } from '../../router.ts';

type How = 'replay' | 'drop';

export interface SettleLetterProps {
  readonly letter: { readonly letter: string; readonly obstacle: string | null };
}

/** First what would happen, by the gateway's own account; then, when the word is typed, it happens. For operators. */
export function SettleLetter({ letter: { letter, obstacle } }: SettleLetterProps): JSX.Element {
  const [plan, setPlan] = useState<{ how: How; what: string } | null>(null);
  const [busy, setBusy] = useState<How | null>(null);
  if (!may('operator')) return <p class="quiet">An operator can replay or drop it.</p>;
  const path = (how: How): string => `/api/v1/dead-letters/${encodeURIComponent(letter)}/${how}`;
  const ask = async (how: How): Promise<void> => {
    setBusy(how);
    try {
      const { what } = await post<z.infer<typeof settleAnswer>>(path(how), { dry_run: true });
      setPlan({ how, what });
    } catch (error) {
      tell(error instanceof ApiError ? error.message : String(error), 'bad');
    } finally {
      setBusy(null);
    }
  };
  return (
    <div class="settle">
      {obstacle === null && (
        <Button kind="primary" icon="refresh" isBusy={busy === 'replay'} onClick={() => void ask('replay')}>
          Replay …
        </Button>
      )}
      <Button icon="cross" isBusy={busy === 'drop'} onClick={() => void ask('drop')}>
        Drop …
      </Button>
      {plan !== null && <Confirm {...plan} path={path(plan.how)} close={() => setPlan(null)} />}
    </div>
  );
}

/** The gateway's words, as a sentence among others. */
function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

interface ConfirmProps {
  readonly how: How;
  readonly what: string;
  readonly path: string;
  close(): void;
}

function Confirm({ how, what, path, close }: ConfirmProps): JSX.Element {
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isTyped = typed.trim().toLowerCase() === how;
  const settle = async (submitted: Event): Promise<void> => {
    submitted.preventDefault();
    if (!isTyped) return;
    setBusy(true);
    try {
      const answer = await post<z.infer<typeof settleAnswer>>(path, { dry_run: false });
      tell(sentence(answer.what), 'good');
      close();
      navigate('letters');
    } catch (error) {
      tell(error instanceof ApiError ? error.message : String(error), 'bad');
      setBusy(false);
    }
  };
  return (
    <Dialog title={how === 'replay' ? 'Replay this letter?' : 'Drop this letter?'} onClose={close}>
      <form onSubmit={(event) => void settle(event)}>
        <p class="dry-run">
          <b>Nothing has happened yet.</b> {sentence(what)} A line in the audit says who did it.
        </p>
        <Field label={`Type “${how}” to confirm`} value={typed} hasFocus isCode onInput={setTyped} />
        <footer class="dialog-actions">
          <Button onClick={close}>Leave it</Button>
          <Button
            type="submit"
            kind={how === 'drop' ? 'danger' : 'primary'}
            isBusy={isBusy}
            isDisabled={!isTyped}
          >
            {how === 'replay' ? 'Replay it' : 'Drop it'}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
