import { useRef } from 'preact/hooks';
import type { z } from 'zod';
import type { Approval } from '#contract/approval';
import type { approvalList } from '../../../api/resources.ts';
import { ApprovalDetail } from '../../approvals/approval-detail.tsx';
import { ApprovalRow } from '../../approvals/approval-row.tsx';
import { isAboutApprovals } from '../../approvals/is-about-approvals.ts';
import { Empty } from '../../components/empty.tsx';
import { Icon } from '../../components/icon.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useListKeys } from '../../list-keys.ts';
import type { PageProps } from '../../pages.ts';
import { type Resource, useResource } from '../../resource.ts';
import { hrefOf, navigate } from '../../router.ts';
import { useShortcuts } from '../../shortcuts.ts';

type List = z.infer<typeof approvalList>;

/** What waits for a decision, the soonest to expire first, and what was decided lately. */
export default function Inbox({ rest: [chosen] }: PageProps) {
  const everything = useResource<List>('/api/v1/approvals?status=recent', {
    everyMs: 30_000,
    onLive: isAboutApprovals,
  });
  useShortcuts([{ keys: 'u', title: 'Back to the list', group: 'Inbox', run: () => navigate('inbox') }]);
  return (
    <>
      <PageHeader title="Inbox" about="What the agents want to do, and may not without you." />
      <Loaded resource={everything}>
        {({ approvals }) => <Panes approvals={approvals} chosen={chosen} />}
      </Loaded>
    </>
  );
}

function Panes({ approvals, chosen }: { approvals: readonly Approval[]; chosen: string | undefined }) {
  const list = useRef<HTMLDivElement>(null);
  useListKeys(list);
  const waiting = approvals
    .filter(({ status }) => status === 'pending')
    .toSorted((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt));
  const decided = approvals
    .filter(({ status }) => status !== 'pending')
    .toSorted((a, b) => lastChange(b) - lastChange(a))
    .slice(0, 30);
  // What somebody looks at stays, also when it is decided or a more urgent one comes: their next key is meant for it.
  const held = useRef<string>(undefined);
  held.current = chosen === undefined ? (held.current ?? waiting[0]?.id) : undefined;
  const shown = chosen ?? held.current ?? decided[0]?.id;
  const isNarrowDetail = chosen !== undefined;
  return (
    <div class={`inbox ${isNarrowDetail ? 'has-choice' : ''}`}>
      <div class="inbox-list" ref={list}>
        <h2 class="list-title">
          Waiting <span class="muted">{waiting.length}</span>
        </h2>
        {waiting.length === 0 ? (
          <Empty icon="check" title="Nothing waits">
            What needs a decision appears here by itself. In the playground you can ask for something that
            does.
          </Empty>
        ) : (
          <Rows approvals={waiting} shown={shown} label="Waiting" />
        )}
        {decided.length === 0 ? null : (
          <>
            <h2 class="list-title">Decided lately</h2>
            <Rows approvals={decided} shown={shown} label="Decided lately" />
          </>
        )}
      </div>
      <div class="inbox-detail">
        {isNarrowDetail ? (
          <a class="inbox-back" href={hrefOf('inbox')}>
            <Icon name="back" size={16} /> All
          </a>
        ) : null}
        {shown === undefined ? null : (
          <Chosen key={shown} id={shown} known={approvals.find(({ id }) => id === shown)} />
        )}
      </div>
    </div>
  );
}

interface RowsProps {
  readonly approvals: readonly Approval[];
  readonly shown: string | undefined;
  readonly label: string;
}

function Rows({ approvals, shown, label }: RowsProps) {
  return (
    <ul class="rows" aria-label={label}>
      {approvals.map((approval) => (
        <li key={approval.id}>
          <ApprovalRow approval={approval} isShown={approval.id === shown} />
        </li>
      ))}
    </ul>
  );
}

/** One that the list does not hold (any more) is asked for by itself. */
function Chosen({ id, known }: { id: string; known: Approval | undefined }) {
  const own = useResource<Approval>(
    known === undefined ? `/api/v1/approvals/${encodeURIComponent(id)}` : null,
    {
      onLive: isAboutApprovals,
    },
  );
  const resource: Resource<Approval> = known === undefined ? own : { ...own, data: known };
  return <Loaded resource={resource}>{(approval) => <ApprovalDetail approval={approval} />}</Loaded>;
}

function lastChange({ decided, expiresAt, requestedAt, status }: Approval): number {
  const at = decided.at(-1)?.at ?? (status === 'expired' ? expiresAt : requestedAt);
  return Date.parse(at);
}
