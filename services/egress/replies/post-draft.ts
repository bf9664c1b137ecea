import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Entry, EntryOf } from '#contract/entry';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import { EncryptedRoomError, SendLaterError, SendRefusedError } from '../errors.ts';
import type { Sender } from '../sending/create-sender.ts';
import type { DraftCadence } from './draft-cadence.ts';
import type { PostedReplies } from './posted-reply.ts';
import type { RenderForPerson } from './render-for-person.ts';
import { showReply, voiceIn } from './show-reply.ts';

export interface PostDraftDeps {
  readonly sender: Sender;
  readonly renderForPerson: RenderForPerson;
  readonly replies: PostedReplies;
  readonly cadence: DraftCadence;
  readonly log: Logger;
}

const skipped: Commit = { outcome: 'superseded' };
/** The beginning of a placeholder, of which the next draft has the rest. */
const unfinished = /\[[A-Z_]{1,7}(?:-[0-9A-Z]{0,8})?$/;
/** A draft that would have to wait longer is not worth holding a place for: the reply comes anyway. */
const longestWaitMs = 10_000;

/**
 * Shows how far the reply has come. A draft is a courtesy: one that something newer follows, that comes too soon
 * after the last, or that cannot be sent is acknowledged and forgotten, since the final text holds it all.
 */
export async function postDraft(
  deps: PostDraftDeps,
  delivery: Delivery,
  entry: EntryOf<'reply.drafted'>,
): Promise<Commit> {
  const { reply } = entry.body;
  const frame = entryFrame(delivery, entry);
  const posted = await deps.replies.read(delivery.partition, reply);
  if (posted.isFinished || isFollowed(delivery, reply)) return skipped;
  const waitMs = Math.max(deps.cadence.waitMs(reply, posted.edits), deps.sender.pausedMs(frame.room));
  if (waitMs > longestWaitMs || (await somethingComes(delivery, waitMs))) return skipped;

  const note = (changes: Parameters<PostedReplies['note']>[2]) =>
    deps.replies.note(delivery.partition, reply, changes);
  try {
    deps.sender.ahead(delivery, frame.room);
    const agent = await voiceIn(deps.sender, delivery, { frame, posted }, entry.body.agent ?? null);
    // Also where there is nothing to note: whoever lost the lease while it waited must not edit over the final text.
    await delivery.save({ writes: posted.hasBegun ? [] : note({ hasBegun: true, agent }) });
    const message = await draftMessage(deps, entry, delivery);
    const event = await showReply(deps.sender, delivery, { frame, reply, posted, agent }, message);
    deps.cadence.sent(reply);
    const edits = posted.event === undefined ? posted.edits : posted.edits + 1;
    return { writes: note({ event, agent, edits }), outcome: 'sent' };
  } catch (error) {
    const isRefusal =
      error instanceof SendLaterError ||
      error instanceof SendRefusedError ||
      error instanceof EncryptedRoomError;
    if (!isRefusal) throw error;
    deps.log.debug({ err: error, entry: delivery.entryId, room: frame.room }, 'draft not shown');
    const isUnsent = !posted.hasBegun && !(error instanceof SendLaterError && error.mayHaveArrived);
    return { writes: isUnsent ? note({ hasBegun: false }) : [], outcome: 'undeliverable' };
  }
}

async function draftMessage(deps: PostDraftDeps, entry: EntryOf<'reply.drafted'>, delivery: Delivery) {
  const { replyTo } = entry.body;
  const text = entry.body.text.replace(unfinished, '');
  const frame = entryFrame(delivery, entry);
  const about = {
    msgtype: 'm.text',
    vagent: frame.vagent('draft'),
    place: { thread: frame.thread, replyTo },
    mentions: replyTo === null ? [] : [frame.asker],
  } as const;
  const [first = { body: '', html: '' }, ...more] = await deps.renderForPerson(entry.session, text, about);
  const shown = more.length === 0 ? first : { body: `${first.body}\n…`, html: `${first.html}<p>…</p>` };
  return { ...about, text: shown };
}

function isFollowed(delivery: Delivery, reply: string): boolean {
  return delivery.waiting().some((next) => replyOf(next) === reply);
}

function replyOf(entry: Entry): string | undefined {
  if (entry.type === 'reply.drafted' || entry.type === 'reply.finished') return entry.body.reply;
  return entry.type === 'turn.failed' ? (entry.turn ?? entry.id) : undefined;
}

/** Waits for the draft's turn; true as soon as anything else wants to go into the room meanwhile. */
async function somethingComes(delivery: Delivery, waitMs: number): Promise<boolean> {
  if (waitMs <= 0) return false;
  const done = new AbortController();
  const signal = AbortSignal.any([delivery.signal, done.signal]);
  const due = sleep(waitMs, 'due' as const, { signal });
  // When something arrives first, the timer's rejection is ours and means nothing.
  due.catch(() => undefined);
  const arrival = delivery.arrival();
  try {
    if (delivery.waiting().length > 0) return true;
    return (await Promise.race([due, arrival])) !== 'due' || delivery.waiting().length > 0;
  } catch (error) {
    delivery.signal.throwIfAborted();
    throw error;
  } finally {
    done.abort();
  }
}
