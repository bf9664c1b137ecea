import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, put } from '../../api.ts';
import { shown } from '../../canonical.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { tell } from '../../components/toast.tsx';
import { effectOfSwitch, type SwitchScope, switchName } from './effect-of-switch.ts';

export interface SwitchPlan {
  readonly scope: SwitchScope;
  readonly name: string;
  readonly because: string;
  readonly off: boolean;
}

export interface SwitchDialogProps {
  readonly plan: SwitchPlan;
  close(): void;
  onSwitched(): void;
}

/** Names the effect, and switches. Everything is switched off only by who types the word. */
export function SwitchDialog({ plan, close, onSwitched }: SwitchDialogProps): JSX.Element {
  const { scope, name, because, off } = plan;
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const called = shown(switchName(scope, name));
  const isTyped = !(off && scope === 'all') || typed.trim().toLowerCase() === 'everything';
  const apply = async (submitted: Event): Promise<void> => {
    submitted.preventDefault();
    if (!isTyped) return;
    setBusy(true);
    try {
      await put('/api/v1/switches', { scope, name, off, because: off ? because : '' });
      tell(
        `${called}: switched ${off ? 'off' : 'on'}. Every process obeys within a second.`,
        off ? 'warn' : 'good',
      );
      onSwitched();
      close();
    } catch (error) {
      tell(error instanceof ApiError ? error.message : String(error), 'bad');
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Switch ${called} ${off ? 'off' : 'on'}?`} onClose={close}>
      <form onSubmit={(event) => void apply(event)}>
        <p>{effectOfSwitch(scope, shown(name), off)}</p>
        {off && <p class="quiet">Because: {shown(because)}</p>}
        {off && scope === 'all' && (
          <Field label="Type “everything” to confirm" value={typed} hasFocus isCode onInput={setTyped} />
        )}
        <footer class="dialog-actions">
          <Button onClick={close}>Leave it as it is</Button>
          <Button type="submit" kind={off ? 'danger' : 'primary'} isBusy={isBusy} isDisabled={!isTyped}>
            {off ? 'Switch off' : 'Switch on'}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
