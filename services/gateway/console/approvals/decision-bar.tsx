import { useState } from 'preact/hooks';
import type { Approval, DecisionKind } from '#contract/approval';
import { codeOf } from '../canonical.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { useShortcuts } from '../shortcuts.ts';
import { decide, type Given, sent } from './decide.ts';
import { EditForm } from './edit-form.tsx';

interface DecisionBarProps {
  readonly approval: Approval;
  /** Two of these on a page would answer the same keys: one of them does not. */
  readonly hasKeys: boolean;
  /** Whoever decides has agreed already: only the others' agreement is missing. */
  readonly hasApproved: boolean;
}

/** The four decisions, as far as this approval takes them, each with its key. */
export function DecisionBar({ approval, hasKeys, hasApproved }: DecisionBarProps) {
  const [open, setOpen] = useState<DecisionKind | undefined>();
  const isBusy = sent.value.get(approval.id)?.state === 'sending';
  const allows = (kind: DecisionKind): boolean => {
    if (!approval.decisions.includes(kind)) return false;
    if (kind === 'approve') return !hasApproved;
    // An edit would change what the other reviewers are asked to agree to.
    return kind !== 'edit' || approval.policy.quorum === 1;
  };
  const send = (given: Given): void => {
    // What was written stays where it could not be sent.
    void decide(approval, given).then((isTaken) => {
      if (isTaken) setOpen(undefined);
    });
  };
  const start = (kind: DecisionKind): void => {
    if (!allows(kind) || isBusy) return;
    if (kind === 'approve' && approval.risk !== 'high') send({ decision: 'approve' });
    else setOpen(kind);
  };
  useShortcuts(
    hasKeys
      ? [
          { keys: 'a', title: 'Approve', group: 'Approval', run: () => start('approve') },
          { keys: 'e', title: 'Edit, then approve', group: 'Approval', run: () => start('edit') },
          { keys: 'x', title: 'Reject', group: 'Approval', run: () => start('reject') },
          { keys: 'r', title: 'Respond', group: 'Approval', run: () => start('respond') },
        ]
      : [],
  );
  const cancel = (): void => setOpen(undefined);
  if (open === 'edit') {
    return (
      <EditForm approval={approval} isBusy={isBusy} onCancel={cancel} onSend={(edit) => send(editOf(edit))} />
    );
  }
  if (open !== undefined)
    return <WordsForm kind={open} approval={approval} isBusy={isBusy} onCancel={cancel} onSend={send} />;
  const hint = (key: string): string | undefined => (hasKeys ? key : undefined);
  return (
    <div class="decisions">
      {allows('approve') ? (
        <Button kind="primary" icon="check" hint={hint('a')} isBusy={isBusy} onClick={() => start('approve')}>
          Approve
        </Button>
      ) : null}
      {allows('edit') ? (
        <Button icon="pencil" hint={hint('e')} isDisabled={isBusy} onClick={() => start('edit')}>
          Edit
        </Button>
      ) : null}
      {allows('respond') ? (
        <Button icon="reply" hint={hint('r')} isDisabled={isBusy} onClick={() => start('respond')}>
          Respond
        </Button>
      ) : null}
      {allows('reject') ? (
        <Button
          kind="danger"
          icon="cross"
          hint={hint('x')}
          isDisabled={isBusy}
          onClick={() => start('reject')}
        >
          Reject
        </Button>
      ) : null}
    </div>
  );
}

/** One object edits the only action; several actions take a list. */
function editOf(edit: readonly Readonly<Record<string, unknown>>[]): Given {
  const [first] = edit;
  // Both came out of JSON or a form of JSON values; the gateway checks them again.
  return { decision: 'edit', edit: (edit.length === 1 ? first : edit) as NonNullable<Given['edit']> };
}

interface WordsFormProps {
  readonly kind: Exclude<DecisionKind, 'edit'>;
  readonly approval: Approval;
  readonly isBusy: boolean;
  onSend(given: Given): void;
  onCancel(): void;
}

/** The reason of a reject, the text of a response, or the code that an approval of high risk asks for. */
function WordsForm({ kind, approval, isBusy, onSend, onCancel }: WordsFormProps) {
  const [words, setWords] = useState('');
  const code = codeOf(approval.id);
  const about = {
    approve: { title: 'This is of high risk', label: `Type ${code} to approve`, button: 'Approve' },
    reject: { title: 'Reject', label: 'Why? The person who asked is told.', button: 'Reject' },
    respond: { title: 'Respond', label: 'What shall the agent know?', button: 'Send' },
  }[kind];
  const text = words.trim();
  const isReady = kind === 'reject' || (kind === 'approve' ? text.toUpperCase() === code : text !== '');
  return (
    <form
      class="decide-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onSend({ decision: kind, text: kind === 'approve' || text === '' ? null : text });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
      }}
    >
      <h3>{about.title}</h3>
      <Field
        label={about.label}
        value={words}
        lines={kind === 'approve' ? 1 : 3}
        hasFocus
        maxLength={20_000}
        isCode={kind === 'approve'}
        onInput={setWords}
      />
      <div class="decide-form-foot">
        <Button
          kind={kind === 'reject' ? 'danger' : 'primary'}
          type="submit"
          isBusy={isBusy}
          isDisabled={!isReady}
        >
          {about.button}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}
