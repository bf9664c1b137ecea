import type { EntryOf } from '#contract/entry';
import type { Keys } from '#contract/keys';
import type { Commit, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { RedisClient } from '#streams/redis-client';
import { entryFrame } from '../entry-frame.ts';
import type { Sender } from '../sending/create-sender.ts';
import type { DraftCadence } from './draft-cadence.ts';
import type { PostedReplies } from './posted-reply.ts';
import type { Presence } from './show-presence.ts';
import { postPart } from './show-reply.ts';

export interface WithdrawReplyDeps {
  readonly sender: Sender;
  readonly replies: PostedReplies;
  readonly cadence: Pick<DraftCadence, 'forget'>;
  readonly presence: Pick<Presence, 'typing'>;
  readonly erase: EraseDeps;
}

export interface EraseDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
}

/**
 * Takes back what was posted of a reply: drafts of a turn that was broken off, or an answer whose question was redacted. The
 * latter leaves the streams too. It comes behind everything of the reply, and nothing of it is posted afterwards.
 */
export async function withdrawReply(
  deps: WithdrawReplyDeps,
  delivery: Delivery,
  entry: EntryOf<'reply.withdrawn'>,
): Promise<Commit> {
  const { reply, reason } = entry.body;
  const { partition } = delivery;
  const { room } = entryFrame(delivery, entry);
  const posted = await deps.replies.read(partition, reply);
  const events = [await firstEvent(deps, delivery, entry, posted), ...posted.parts];
  for (const event of events) {
    if (event !== undefined) await deps.sender.redact(delivery, { room, event, agent: posted.agent });
  }
  deps.cadence.forget(reply);
  await deps.presence.typing(room, false, delivery.signal);
  const erased = reason === 'redacted' ? await eraseReply(deps.erase, delivery, reply) : [];
  return {
    writes: [...deps.replies.note(partition, reply, { isFinished: true }), ...erased],
    outcome: events.some((event) => event !== undefined) ? 'withdrawn' : 'nothing_posted',
  };
}

/** Where it was being posted when egress died, posting it again under its key tells which event it is. */
async function firstEvent(
  { sender }: Pick<WithdrawReplyDeps, 'sender'>,
  delivery: Delivery,
  entry: EntryOf<'reply.withdrawn'>,
  posted: Awaited<ReturnType<PostedReplies['read']>>,
): Promise<string | undefined> {
  if (posted.event !== undefined || !posted.hasBegun) return posted.event;
  const { reply } = entry.body;
  const frame = { ...entryFrame(delivery, entry), turn: reply };
  const message = {
    msgtype: 'm.notice',
    text: { body: '…', html: '…' },
    vagent: { ...frame.vagent('draft'), turn: reply },
    place: { thread: frame.thread, replyTo: null },
    mentions: [],
  } as const;
  return postPart(sender, delivery, { frame, reply, agent: posted.agent }, 0, message);
}

const pageSize = 500;
/** Streams keep what is finished for a day. */
const mostPages = 400;

/** Writes that delete what the streams of a partition hold of a turn's replies and prompts. */
export async function eraseReply(
  { redis, keys }: EraseDeps,
  { partition, entry, entryId }: Pick<Delivery, 'partition' | 'entry' | 'entryId'>,
  turn: string,
): Promise<RedisWrite[]> {
  const writes: RedisWrite[] = [];
  for (const stream of ['outbound', 'approvals'] as const) {
    const key = keys.stream(partition, stream);
    const ids: string[] = [];
    let start = '-';
    for (let page = 0; page < mostPages; page++) {
      const found = await redis.xrange(key, start, '+', 'COUNT', pageSize);
      for (const [id, fields] of found) {
        const isOwn = fieldOf(fields, 'turn') === turn && fieldOf(fields, 'session') === entry.session;
        if (isOwn && !(stream === 'outbound' && id === entryId)) ids.push(id);
      }
      const last = found.at(-1);
      if (last === undefined || found.length < pageSize) break;
      start = `(${last[0]}`;
    }
    if (ids.length > 0) writes.push({ command: 'XDEL', key, args: ids });
  }
  return writes;
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] === name) return fields[index + 1];
  }
  return undefined;
}
