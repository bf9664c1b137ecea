import type { StreamName } from '#contract/bodies';
import type { Entry } from '#contract/entry';
import { proposalsOf } from '#contract/proposals-of';
import type { RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { answerField } from './session-notes.ts';
import { decodeRow, rowsBackward, rowsForward, type StreamRow, type StreamRowsDeps } from './stream-rows.ts';

/** What the streams of a partition still hold of a message that was redacted. */
export interface Traces {
  /** What it said, in each of its versions; empty where the stream has it no more. */
  readonly texts: readonly string[];
  /** Ids of its edits. */
  readonly edits: readonly string[];
  /** Ids of the kept bytes of its attachments. */
  readonly media: readonly string[];
  /** Ids of the turns that worked on it: its own, and those that its approvals caused. */
  readonly turns: readonly string[];
  /** What these turns said. */
  readonly replies: readonly string[];
  /** Of all approvals that these turns may have asked for. */
  readonly approvals: readonly string[];
  /** Timers that these turns have set. */
  readonly timers: readonly string[];
  /** Deletes the entries that only a worker works on. Replies are egress' to delete, when it has seen them. */
  readonly writes: readonly RedisWrite[];
}

/** Looks through the streams of the partition for a message and everything that came of it. */
export async function findTraces(
  deps: StreamRowsDeps,
  { partition, entry, entryId }: Pick<Delivery, 'partition' | 'entry' | 'entryId'>,
  target: string,
): Promise<Traces> {
  const { session } = entry;
  const own = await findOwn(deps, { partition, session, entryId, target });
  const answeredIn = await deps.redis.hget(deps.keys.session(partition, session), answerField(target));
  const answering = answeredIn === null ? [own.turn] : [own.turn, answeredIn];
  const approvals = answering.flatMap((turn) => approvalsOf(session, turn));
  const decisions = own.behind.filter(
    (row) => row.entry?.type === 'approval.decided' && approvals.includes(row.entry.body.approval),
  );
  const decided = decisions.flatMap(({ entry: decision }) => (decision === undefined ? [] : [decision.id]));
  const turns = [...answering, ...decided];
  const replies: string[] = [];
  for await (const row of rowsForward(deps, partition, 'outbound')) {
    if (!isOfTurns(row, session, turns)) continue;
    const said = decodeRow(deps, row);
    if (said !== undefined && 'text' in said.body && said.body.text !== null) replies.push(said.body.text);
  }
  const timers: string[] = [];
  const set: string[] = [];
  for await (const row of rowsForward(deps, partition, 'timers')) {
    if (row.fields.get('type') !== 'timer.set' || !isOfTurns(row, session, turns)) continue;
    const order = decodeRow(deps, row);
    if (order?.type === 'timer.set') timers.push(order.body.timer);
    set.push(row.id);
  }
  const letters: string[] = [];
  const facts = new Set([...turns, ...own.edits]);
  for await (const row of rowsForward(deps, partition, 'dead')) {
    const isOwn = row.fields.get('session') === session && facts.has(row.fields.get('id') ?? '');
    if (isOwn || isOfTurns(row, session, turns)) letters.push(row.id);
  }
  const drop = (stream: StreamName | 'dead', ids: readonly string[]): RedisWrite[] =>
    ids.length === 0 ? [] : [{ command: 'XDEL', key: deps.keys.stream(partition, stream), args: ids }];
  return {
    ...{ texts: own.texts, edits: own.edits, media: own.media, turns, replies, approvals, timers },
    writes: [
      ...drop('inbound', [...own.rows, ...decisions.map(({ id }) => id)]),
      ...drop('timers', set),
      ...drop('dead', letters),
    ],
  };
}

/** The message, its edits, and what came into the session behind it. */
async function findOwn(
  deps: StreamRowsDeps,
  at: { partition: number; session: string; entryId: string; target: string },
) {
  const { partition, session, target } = at;
  const rows: string[] = [];
  const edits: string[] = [];
  const texts: string[] = [];
  const media: string[] = [];
  const behind: { id: string; entry: Entry | undefined }[] = [];
  for await (const row of rowsBackward(deps, partition, at.entryId)) {
    if (row.fields.get('session') !== session) continue;
    const entry = decodeRow(deps, row);
    if (entry?.type === 'message.edited' && entry.body.edits === target) {
      rows.push(row.id);
      edits.push(entry.id);
      texts.push(entry.body.text);
    } else if (entry?.type === 'message.received' && entry.body.eventId === target) {
      rows.push(row.id);
      texts.push(entry.body.text);
      media.push(...entry.body.attachments.flatMap(({ kept }) => (kept === undefined ? [] : [kept.id])));
      return { turn: entry.id, rows, edits, texts, media, behind };
    } else {
      behind.push({ id: row.id, entry });
    }
  }
  return { turn: target, rows, edits, texts, media, behind };
}

/** Of a turn, and of the turns that tell the conversation how those ended. */
export function approvalsOf(session: string, turn: string): readonly string[] {
  const first = proposalsOf(session, turn);
  return [...first, ...first.flatMap((id) => proposalsOf(session, `ended:${id}`))];
}

function isOfTurns({ fields }: StreamRow, session: string, turns: readonly string[]): boolean {
  return fields.get('session') === session && turns.includes(fields.get('turn') ?? '');
}
