import type { ComponentChildren } from 'preact';
import type { Approval } from '#contract/approval';
import { codeOf, nameOf, shown } from '../canonical.ts';
import { Facts } from '../components/card.tsx';
import { Countdown } from '../components/countdown.tsx';
import { Icon } from '../components/icon.tsx';
import { Time } from '../components/time.tsx';
import { may, me } from '../me.ts';
import { ActionView } from './action-view.tsx';
import { sent } from './decide.ts';
import { DecisionBar } from './decision-bar.tsx';
import { Quorum } from './quorum.tsx';
import { roomOf } from './room-of.ts';
import { RiskBadge, StatusBadge } from './status-badge.tsx';

interface ApprovalDetailProps {
  readonly approval: Approval;
  readonly hasKeys?: boolean;
  /** With all facts; else what is needed to decide. */
  readonly isCompact?: boolean;
}

/** Exactly what would be done, for whom and why, and the decision on it. */
export function ApprovalDetail({ approval, hasKeys = true, isCompact = false }: ApprovalDetailProps) {
  const { actions, requestedAt, expiresAt, status, risk } = approval;
  return (
    <article class={`approval ${isCompact ? 'compact' : ''}`} aria-label={`Approval ${codeOf(approval.id)}`}>
      <header class="approval-head">
        <div class="row">
          <StatusBadge status={status} />
          <RiskBadge risk={risk} />
          <Quorum approval={approval} />
          <span class="approval-code code" title="What a reviewer types in the admin room">
            {codeOf(approval.id)}
          </span>
          {status === 'pending' ? <Countdown from={requestedAt} to={expiresAt} /> : null}
        </div>
      </header>
      <div class="approval-actions">
        {actions.map((action, index) => (
          <ActionView
            key={action.digest + String(index)}
            action={action}
            index={index}
            count={actions.length}
          />
        ))}
      </div>
      <Decision approval={approval} hasKeys={hasKeys} />
      <Facts facts={factsOf(approval, isCompact)} />
    </article>
  );
}

function Decision({ approval, hasKeys }: { approval: Approval; hasKeys: boolean }) {
  const own = sent.value.get(approval.id);
  const obstacle = obstacleTo(approval);
  const isRefused = own?.state === 'refused';
  if (approval.status !== 'pending') {
    return isRefused ? <Notice tone="warn">{capital(own.text)}</Notice> : null;
  }
  if (own?.state === 'sent') {
    return (
      <div class="notice" role="status">
        <span class="spinner" aria-hidden="true" />
        <span>Sent, waiting for the worker.</span>
      </div>
    );
  }
  return (
    <>
      {isRefused ? <Notice tone="bad">{capital(own.text)}</Notice> : null}
      {own?.state === 'counted' ? (
        <Notice tone="good">Your decision counts; others have to agree too.</Notice>
      ) : null}
      {obstacle === undefined ? (
        <DecisionBar approval={approval} hasKeys={hasKeys} hasApproved={hasDecided(approval)} />
      ) : (
        <Notice tone="warn">{obstacle}</Notice>
      )}
    </>
  );
}

function Notice({ tone, children }: { tone: 'good' | 'warn' | 'bad'; children: ComponentChildren }) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={tone === 'good' ? 'check' : 'warning'} size={16} />
      <p>{children}</p>
    </div>
  );
}

/** What is plain to see from here; the worker judges in the end. */
function obstacleTo({ policy, requester }: Approval): string | undefined {
  const user = me.value?.user ?? '';
  if (!may('reviewer')) return 'Your role may look, not decide.';
  if (!policy.reviewers.includes(user)) {
    return `You are not a reviewer of this: ${policy.reviewers.map(nameOf).join(', ') || 'it has none'}.`;
  }
  if (policy.excludeRequester && requester === user)
    return 'Nobody decides on their own request: another reviewer has to.';
  return undefined;
}

function hasDecided({ decided }: Approval): boolean {
  return decided.some(({ by }) => by === me.value?.user);
}

function factsOf(approval: Approval, isCompact: boolean): [string, ComponentChildren][] {
  const { requester, reason, context, session, requestedAt, decided, policy } = approval;
  const room = roomOf(session);
  return [
    ...decided.map(({ decision, by, at, id }): [string, ComponentChildren] => [
      past[decision],
      <span key={id} title={by}>
        by <strong>{nameOf(by)}</strong>, <Time at={at} />
      </span>,
    ]),
    ['Asked by', <Requester user={requester} />],
    ...(reason.trim() === ''
      ? []
      : ([['Reason', <Quoted text={reason.replaceAll(requester, nameOf(requester))} />]] as [
          string,
          ComponentChildren,
        ][])),
    ...(context.trim() === ''
      ? []
      : ([['Context', <Quoted text={context} />]] as [string, ComponentChildren][])),
    ['Asked', <Time at={requestedAt} />],
    ...(isCompact
      ? []
      : ([
          ['Room', room === 'over HTTP' ? room : <span class="code">{shown(room)}</span>],
          ['Reviewers', policy.reviewers.map(nameOf).join(', ') || 'none'],
        ] as [string, ComponentChildren][])),
  ];
}

/** The whole id where a name could be taken for another one's. */
function Requester({ user }: { user: string }) {
  if (!user.endsWith(':gateway.invalid')) return <span class="code">{shown(user)}</span>;
  return (
    <span title={user}>
      {nameOf(user)} <span class="muted">over HTTP</span>
    </span>
  );
}

const past = { approve: 'Approved', edit: 'Edited', reject: 'Rejected', respond: 'Answered' } as const;

/** Words of strangers: in lines of their own, so that they pass for nothing of ours. */
function Quoted({ text }: { text: string }) {
  return (
    <span class="quoted">
      {text.split('\n').map((line, index) => (
        <span key={index}>{shown(line)}</span>
      ))}
    </span>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
