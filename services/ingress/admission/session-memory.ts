import type { Keys } from '#contract/keys';
import { factTtlMs } from '#streams/fact-ttl';
import type { RedisClient } from '#streams/redis-client';

/**
 * The sessions of messages that were let in, and of their edits, by event id, for as long as facts are remembered. An edit or a
 * redaction names only the message; its thread, and with it the session, stands nowhere else any more.
 */
export interface SessionMemory {
  remember(eventId: string, session: string): Promise<void>;
  /** Undefined for a message that was never let in, or too long ago. */
  recall(eventId: string): Promise<string | undefined>;
  rememberEdit(eventId: string, session: string): Promise<void>;
  /** Of an edit, which is not the message: its redaction takes back less. */
  recallEdit(eventId: string): Promise<string | undefined>;
}

export function createSessionMemory(redis: RedisClient, keys: Keys): SessionMemory {
  const remember = async (eventId: string, session: string): Promise<void> => {
    await redis.set(keys.sessionOf(eventId), session, 'PX', factTtlMs);
  };
  const recall = async (eventId: string): Promise<string | undefined> =>
    (await redis.get(keys.sessionOf(eventId))) ?? undefined;
  return {
    remember,
    recall,
    rememberEdit: (eventId, session) => remember(editOf(eventId), session),
    recallEdit: (eventId) => recall(editOf(eventId)),
  };
}

/** No event id begins like this. */
function editOf(eventId: string): string {
  return `edit:${eventId}`;
}
