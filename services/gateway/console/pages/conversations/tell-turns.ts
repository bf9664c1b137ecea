import type { z } from 'zod';
import type { LiveEvent } from '../../../api/live.ts';
import type { timeline } from '../../../api/resources.ts';
import { identityOf } from './identity-of.ts';

type Timeline = z.infer<typeof timeline>;
export type Turn = Timeline['turns'][number];
export type Approval = Timeline['waiting'][number];

/** One thing that can be seen in a turn. Texts are Markdown. */
export type Item =
  | { readonly kind: 'message'; readonly at: string; readonly sender: string; readonly text: string }
  | {
      readonly kind: 'reply';
      readonly at: string;
      readonly reply: string;
      readonly text: string;
      /** False while it is a draft. */
      readonly isFinal: boolean;
      readonly revision: number;
    }
  | { readonly kind: 'status'; readonly at: string; readonly state: string; readonly text: string }
  | { readonly kind: 'failed'; readonly at: string; readonly reason: string; readonly text: string }
  | { readonly kind: 'approval'; readonly at: string; readonly approval: Approval }
  | {
      readonly kind: 'decision';
      readonly at: string;
      readonly approval: string;
      readonly decision: string;
      readonly by: string;
      readonly via: string;
    }
  | {
      readonly kind: 'outcome';
      readonly at: string;
      readonly approval: string;
      readonly notice: string;
      readonly by: readonly string[];
      readonly text: string;
    }
  | { readonly kind: 'note'; readonly at: string; readonly text: string };

/** What is known of one turn: what could be seen of it, and its account once it is committed. */
export interface StoryTurn {
  readonly turn: string;
  readonly at: string;
  readonly items: readonly Item[];
  /** Null until it is committed, or where its account is not kept any more. */
  readonly record: Turn | null;
  /** Something was asked or said, and nothing has ended it yet. */
  readonly isOpen: boolean;
}

/**
 * Makes one story of what was seen and how it came about: turns in the order in which they began, each with its items.
 * Safe against events that come twice (after a reconnect) and against drafts that come late.
 */
export function tellTurns(
  events: readonly LiveEvent[],
  records: readonly Turn[],
  waiting: readonly Approval[] = [],
): StoryTurn[] {
  const turns = new Map<string, LiveEvent[]>();
  const seen = new Set<string>();
  for (const event of events) {
    const identity = identityOf(event);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const own = turns.get(event.turn);
    if (own === undefined) turns.set(event.turn, [event]);
    else own.push(event);
  }
  const recordOf = new Map(records.map((record) => [record.turn, record]));
  for (const { turn } of records) if (!turns.has(turn)) turns.set(turn, []);
  const current = new Map(waiting.map((approval) => [approval.id, approval]));
  const statuses = statusesOf(events);
  return [...turns]
    .map(([turn, own]) => toTurn(turn, own, recordOf.get(turn) ?? null, current, statuses))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function toTurn(
  turn: string,
  events: readonly LiveEvent[],
  record: Turn | null,
  current: ReadonlyMap<string, Approval>,
  statuses: ReadonlyMap<string, Approval['status']>,
): StoryTurn {
  const items: Item[] = [];
  for (const event of events) addItem(items, event, current, statuses);
  if (record !== null) dropTyping(items);
  return {
    turn,
    at: events[0]?.at ?? record?.appendedAt ?? '',
    items,
    record,
    isOpen: record === null && !events.some(isEnd),
  };
}

/** Puts an event into the items: drafts and the reply that they become are one item. */
function addItem(
  items: Item[],
  event: LiveEvent,
  current: ReadonlyMap<string, Approval>,
  statuses: ReadonlyMap<string, Approval['status']>,
): void {
  const { at } = event;
  dropTyping(items);
  switch (event.event) {
    case 'message':
      items.push({ kind: 'message', at, sender: event.sender, text: event.text });
      return;
    case 'draft':
      putReply(items, { ...event, isFinal: false });
      return;
    case 'reply':
      putReply(items, { ...event, isFinal: true, revision: Number.MAX_SAFE_INTEGER });
      return;
    case 'status':
      putStatus(items, { kind: 'status', at, state: event.state, text: event.text });
      return;
    case 'failed':
      items.push({ kind: 'failed', at, reason: event.reason, text: event.text });
      return;
    case 'approval': {
      const asked = current.get(event.approval.id) ?? event.approval;
      const status = statuses.get(asked.id) ?? asked.status;
      items.push({ kind: 'approval', at, approval: { ...asked, status } });
      return;
    }
    case 'decision':
      items.push({
        kind: 'decision',
        at,
        approval: event.approval,
        decision: event.decision,
        by: event.by,
        via: event.via,
      });
      return;
    case 'approval_resolved':
      items.push({
        kind: 'outcome',
        at,
        approval: event.approval,
        notice: event.notice,
        by: event.by,
        text: event.text,
      });
      return;
    case 'reminder':
      items.push({ kind: 'note', at, text: 'The reviewers were reminded.' });
      return;
    case 'notice':
      items.push({ kind: 'note', at, text: event.text });
      return;
    case 'other':
      items.push({ kind: 'note', at, text: `\`${event.type}\`` });
      return;
    default:
      event satisfies never;
  }
}

function putReply(
  items: Item[],
  { at, reply, text, isFinal, revision }: Omit<Extract<Item, { kind: 'reply' }>, 'kind'>,
): void {
  const index = items.findIndex((item) => item.kind === 'reply' && item.reply === reply);
  const before = items[index];
  if (before === undefined) {
    items.push({ kind: 'reply', at, reply, text, isFinal, revision });
  } else if (before.kind === 'reply' && revision >= before.revision && !(before.isFinal && !isFinal)) {
    items[index] = { kind: 'reply', at: before.at, reply, text, isFinal, revision };
  }
}

/** Only words that were shown stay; a typing notice holds until anything comes after it. */
function putStatus(items: Item[], status: Extract<Item, { kind: 'status' }>): void {
  if (status.text !== '' || status.state === 'typing') items.push(status);
}

function dropTyping(items: Item[]): void {
  const at = items.findLastIndex((item) => item.kind === 'status' && item.text === '');
  if (at >= 0) items.splice(at, 1);
}

/** How each approval ended, as far as events tell it. */
function statusesOf(events: readonly LiveEvent[]): Map<string, Approval['status']> {
  const statuses = new Map<string, Approval['status']>();
  for (const event of events) {
    if (event.event === 'approval_resolved' && event.status !== null && event.notice === 'outcome')
      statuses.set(event.approval, event.status);
  }
  return statuses;
}

function isEnd(event: LiveEvent): boolean {
  return (
    event.event === 'reply' ||
    event.event === 'failed' ||
    (event.event === 'status' && event.state === 'idle')
  );
}
