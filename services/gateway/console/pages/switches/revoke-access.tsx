import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { z } from 'zod';
import type { revocationList } from '../../../api/resources.ts';
import { ApiError, post } from '../../api.ts';
import { nameOf, shown } from '../../canonical.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Time } from '../../components/time.tsx';
import { tell } from '../../components/toast.tsx';
import { useResource } from '../../resource.ts';

type List = z.infer<typeof revocationList>;
type Revocation = List['revocations'][number];
type Plan = Pick<Revocation, 'kind' | 'id' | 'because'>;

const kinds = [
  { value: 'subject', label: 'All of a person' },
  { value: 'jti', label: 'One token' },
] as const satisfies readonly { value: Plan['kind']; label: string }[];

/** What access is taken back, and taking it back: for operators. */
export function RevokeAccess(): JSX.Element {
  const { data, reload } = useResource<List>('/api/v1/revocations', { everyMs: 10_000 });
  const [plan, setPlan] = useState<Plan>({ kind: 'subject', id: '', because: '' });
  const [isAsking, setAsking] = useState(false);
  const change = (by: Partial<Plan>): void => setPlan((before) => ({ ...before, ...by }));
  const isOne = plan.kind === 'jti';
  const submit = (submitted: Event): void => {
    submitted.preventDefault();
    if (plan.id.trim() !== '') setAsking(true);
  };
  return (
    <Card title="Take access back">
      {data !== undefined && data.revocations.length > 0 && (
        <ul class="off-list" aria-label="Taken back">
          {data.revocations.map((one) => (
            <Row key={`${one.kind} ${one.id}`} revocation={one} />
          ))}
        </ul>
      )}
      <form class="switch-form" aria-label="Take access back" onSubmit={submit}>
        <Field
          label="What"
          value={plan.kind}
          options={kinds}
          onInput={(kind) => change({ kind: kind === 'jti' ? 'jti' : 'subject' })}
        />
        <Field
          label={isOne ? 'The id of the token (its claim jti)' : 'Whose'}
          value={plan.id}
          isCode
          maxLength={255}
          placeholder={isOne ? '' : '@ana:example.org'}
          onInput={(id) => change({ id })}
        />
        <Field
          label="Why"
          value={plan.because}
          maxLength={500}
          placeholder="For the others: where it leaked"
          onInput={(because) => change({ because })}
        />
        <p class="effect">{effectOf(plan.kind)}</p>
        <Button type="submit" kind="danger" icon="out" isDisabled={plan.id.trim() === ''}>
          Take back …
        </Button>
      </form>
      {isAsking && (
        <Ask
          plan={plan}
          close={() => setAsking(false)}
          onDone={() => {
            change({ id: '', because: '' });
            reload();
          }}
        />
      )}
    </Card>
  );
}

function effectOf(kind: Plan['kind']): string {
  return kind === 'jti'
    ? 'Nobody comes in with this token any more, and what it has opened is closed.'
    : 'Every token and every sign-in of this person ends now. They can sign in again: stop that where accounts are kept.';
}

function Row({ revocation }: { readonly revocation: Revocation }): JSX.Element {
  const { kind, id, by, because, at, until } = revocation;
  return (
    <li>
      <Badge tone="bad">{kind === 'jti' ? 'token' : 'person'}</Badge>
      <div>
        <strong>{shown(id)}</strong>
        {because !== '' && <p>{shown(because)}</p>}
        <small>
          by {by === '' ? 'nobody known' : nameOf(by)}, <Time at={at} />; remembered until{' '}
          {until.slice(0, 16).replace('T', ' ')} UTC
        </small>
      </div>
    </li>
  );
}

interface AskProps {
  readonly plan: Plan;
  close(): void;
  onDone(): void;
}

function Ask({ plan: { kind, id, because }, close, onDone }: AskProps): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const apply = async (): Promise<void> => {
    setBusy(true);
    try {
      await post(
        '/api/v1/revocations',
        { kind, id: id.trim(), because: because.trim() },
        { isRepeatable: true },
      );
      tell('Taken back. Every gateway refuses it within a second.', 'warn');
      onDone();
      close();
    } catch (error) {
      tell(error instanceof ApiError ? error.message : String(error), 'bad');
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Take back ${kind === 'jti' ? 'this token' : 'all access of this person'}?`}
      onClose={close}
    >
      <p>
        <strong>{shown(id.trim())}</strong>
      </p>
      <p>{effectOf(kind)}</p>
      <footer class="dialog-actions">
        <Button onClick={close}>Leave it as it is</Button>
        <Button kind="danger" isBusy={isBusy} onClick={() => void apply()}>
          Take back
        </Button>
      </footer>
    </Dialog>
  );
}
