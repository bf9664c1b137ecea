import type { ComponentChildren, JSX } from 'preact';
import { codeOf, nameOf, shown } from '../../canonical.ts';
import { Badge, type Tone } from '../../components/badge.tsx';
import { Markdown } from '../../components/markdown.tsx';
import { Time } from '../../components/time.tsx';
import { hrefOf } from '../../router.ts';
import { causeName } from './summarise-turn.ts';
import type { Approval, Item, StoryTurn } from './tell-turns.ts';
import { TurnAccount } from './turn-account.tsx';

export interface TurnViewProps {
  readonly turn: StoryTurn;
  readonly isNewest: boolean;
}

/** One turn: what was said in it, and its account. */
export function TurnView({ turn, isNewest }: TurnViewProps): JSX.Element {
  const { items, record, at, isOpen } = turn;
  const begin = items.find(({ kind }) => kind === 'message' || kind === 'decision');
  return (
    <article class={isOpen && isNewest ? 'turn is-open' : 'turn'} aria-label={`Turn, ${causeOf(turn)}`}>
      <header class="turn-head">
        <Time at={at} />
        {begin === undefined && <span>{causeOf(turn)}</span>}
        {isOpen && isNewest && <Badge tone="accent">in work</Badge>}
        {record !== null && record.attempt > 1 && <Badge tone="warn">attempt {record.attempt}</Badge>}
      </header>
      {items.map((item, index) => (
        // Items are only ever added, or replaced by what they have become.
        <ItemView key={index} item={item} />
      ))}
      {items.length === 0 && <p class="quiet">What was said then is not kept any more.</p>}
      {record !== null && <TurnAccount turn={record} />}
    </article>
  );
}

function causeOf({ record, items }: StoryTurn): string {
  if (record !== null) return causeName(record.cause);
  return items.some(({ kind }) => kind === 'message') ? 'message' : 'event';
}

function ItemView({ item }: { readonly item: Item }): JSX.Element | null {
  switch (item.kind) {
    case 'message':
      return (
        <Bubble side="person" who={nameOf(item.sender)}>
          <Markdown text={item.text} />
        </Bubble>
      );
    case 'reply':
      return (
        <Bubble side="bot" who="vagent" isGrowing={!item.isFinal}>
          <Markdown text={item.text} />
        </Bubble>
      );
    case 'status':
      return item.text === '' ? (
        <p class="happening">is working on it …</p>
      ) : (
        <Bubble side="bot" who="vagent, meanwhile">
          <Markdown text={item.text} />
        </Bubble>
      );
    case 'failed':
      return (
        <Bubble side="bot" who="vagent, failed" isBad>
          <Markdown text={item.text} />
          <p class="reason">{shown(item.reason)}</p>
        </Bubble>
      );
    case 'approval':
      return <ApprovalLine approval={item.approval} />;
    case 'decision':
      return (
        <Line>
          <strong>{nameOf(item.by)}</strong> decided <b>{item.decision}</b> on{' '}
          <a href={hrefOf('inbox', item.approval)}>{codeOf(item.approval)}</a>, by {item.via}
        </Line>
      );
    case 'outcome':
      return (
        <Line>
          <a href={hrefOf('inbox', item.approval)}>{codeOf(item.approval)}</a>: {noticeText(item.notice)}
          {shown(item.text)}
        </Line>
      );
    case 'note':
      return (
        <div class="line">
          <Markdown text={item.text} />
        </div>
      );
    default:
      return item satisfies never;
  }
}

interface BubbleProps {
  readonly side: 'person' | 'bot';
  readonly who: string;
  readonly isGrowing?: boolean;
  readonly isBad?: boolean;
  readonly children: ComponentChildren;
}

function Bubble({ side, who, isGrowing = false, isBad = false, children }: BubbleProps): JSX.Element {
  return (
    <div class={`bubble ${side}${isBad ? ' is-bad' : ''}${isGrowing ? ' is-growing' : ''}`}>
      <p class="bubble-who">
        {who}
        {isGrowing && <i> writes …</i>}
      </p>
      {children}
    </div>
  );
}

function Line({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="line">{children}</p>;
}

const statusTones: Record<Approval['status'], Tone> = {
  pending: 'warn',
  approved: 'good',
  edited: 'good',
  responded: 'good',
  rejected: 'bad',
  expired: 'bad',
  cancelled: 'neutral',
};

export function ApprovalLine({ approval }: { readonly approval: Approval }): JSX.Element {
  const { id, actions, reason, status, risk, requester } = approval;
  return (
    <a class="approval-line" href={hrefOf('inbox', id)}>
      <Badge tone={statusTones[status]}>{status === 'pending' ? 'waits' : status}</Badge>
      <span class="approval-name">
        <code>{actions.map(({ name }) => shown(name)).join(', ')}</code> <small>{codeOf(id)}</small>
      </span>
      <small class="reason">
        {risk} risk; {shown(reason.replaceAll(requester, nameOf(requester)))}
      </small>
    </a>
  );
}

function noticeText(notice: string): string {
  switch (notice) {
    case 'progress':
      return 'more reviewers have to agree. ';
    case 'already_decided':
      return 'it was decided before. ';
    case 'refused':
      return 'the decision was refused. ';
    case 'unknown':
      return 'nobody knows whether it took effect. ';
    default:
      return '';
  }
}
