import type { Approval } from '#contract/approval';
import { argLines, nameOf, shown } from '../canonical.ts';
import { Badge } from '../components/badge.tsx';
import { Countdown } from '../components/countdown.tsx';
import { Time } from '../components/time.tsx';
import { hrefOf } from '../router.ts';
import { Quorum } from './quorum.tsx';
import { StatusBadge } from './status-badge.tsx';

/** An approval in a list: what, for whom, and how long there is. */
export function ApprovalRow({ approval, isShown }: { approval: Approval; isShown: boolean }) {
  const { id, actions, requester, risk, requestedAt, expiresAt, status, decided } = approval;
  const [first] = actions;
  const more = actions.length > 1 ? ` and ${actions.length - 1} more` : '';
  const last = decided.at(-1);
  return (
    <a class="row-link" data-list-item href={hrefOf('inbox', id)} aria-current={isShown ? 'true' : undefined}>
      <span class="row-top">
        <span class="row-name code">
          {shown(first?.name ?? '')}
          {more}
        </span>
        {status === 'pending' ? (
          <Countdown from={requestedAt} to={expiresAt} />
        ) : (
          <StatusBadge status={status} />
        )}
      </span>
      <span class="row-args code">
        {argLines(first?.args ?? {})
          .map(([name, value]) => `${name}: ${value}`)
          .join(', ')}
      </span>
      <span class="row-foot">
        <span>{nameOf(requester)}</span>
        {status === 'pending' ? (
          <>
            {risk === 'high' ? <Badge tone="bad">high risk</Badge> : null}
            <Quorum approval={approval} />
          </>
        ) : (
          <span>
            {last === undefined ? '' : `${nameOf(last.by)}, `}
            <Time at={last?.at ?? requestedAt} />
          </span>
        )}
      </span>
    </a>
  );
}
