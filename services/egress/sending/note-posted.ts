import type { Keys } from '#contract/keys';
import type { Posted } from '#contract/posted';
import { vagentContent, vagentContentKey } from '#contract/vagent-content';
import type { OutgoingEvent } from '#matrix/send-event';
import type { RedisClient } from '#streams/redis-client';

/** Keeps what an event of ours came from, so that anybody can ask why it was posted. Safe to repeat: the first time counts. */
export type NotePosted = (event: OutgoingEvent, id: string) => Promise<void>;

/** As long as the accounts of turns. */
const keptMs = 7 * 24 * 60 * 60_000;

/** Edits and reactions belong to an event that is known already: nobody asks about them. */
export function createNotePosted(redis: RedisClient, keys: Keys): NotePosted {
  return async ({ type, content }, id) => {
    if (type !== 'm.room.message' || 'm.new_content' in content) return;
    const own = vagentContent.safeParse(new Map(Object.entries(content)).get(vagentContentKey));
    if (!own.success) return;
    const { kind, session, turn, reply, approval } = own.data;
    const isReply = kind === 'reply' || kind === 'draft';
    const posted: Posted = {
      session,
      turn,
      kind,
      reply: isReply ? (reply ?? turn) : null,
      approval: approval ?? null,
      at: new Date().toISOString(),
    };
    await redis.set(keys.posted(id), JSON.stringify(posted), 'PX', keptMs, 'NX');
  };
}
