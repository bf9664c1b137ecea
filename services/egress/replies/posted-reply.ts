import type { Keys } from '#contract/keys';
import type { RedisWrite } from '#streams/commit';
import type { RedisClient } from '#streams/redis-client';

/** What is known to have been posted of a reply. */
export interface PostedReply {
  /** An attempt to post the first event was made: the homeserver may know its transaction id with an older text. */
  readonly hasBegun: boolean;
  /** The reply's first event, once its id is known. */
  readonly event: string | undefined;
  /** The further events of a reply that one event could not hold. */
  readonly parts: readonly string[];
  /** The agent that has begun it; null for the bot. An edit by anybody else would not be shown. */
  readonly agent: string | null;
  readonly edits: number;
  readonly isFinished: boolean;
}

export interface PostedReplies {
  read(partition: number, reply: string): Promise<PostedReply>;
  /** The writes that note `changes`; they belong into the entry's commit. */
  note(partition: number, reply: string, changes: Partial<PostedReply>): RedisWrite[];
}

/** Of the same hash: where the file of a long answer lies, while it is being posted. */
export const answerFileField = 'file';

/** As long as the ledger remembers facts. */
const keptMs = 14 * 24 * 60 * 60_000;

export function createPostedReplies(redis: RedisClient, keys: Keys): PostedReplies {
  return {
    read: async (partition, reply) => {
      const fields = await redis.hgetall(keys.reply(partition, reply));
      return {
        hasBegun: fields['begun'] === '1' || fields['event'] !== undefined,
        event: fields['event'],
        parts: (fields['parts'] ?? '').split(' ').filter((part) => part !== ''),
        agent: fields['agent'] === undefined || fields['agent'] === '' ? null : fields['agent'],
        edits: Number(fields['edits'] ?? 0),
        isFinished: fields['finished'] === '1',
      };
    },
    note: (partition, reply, changes) => {
      const { hasBegun, event, parts = [], agent, edits, isFinished } = changes;
      const key = keys.reply(partition, reply);
      const fields = [
        ...(hasBegun === undefined ? [] : ['begun', hasBegun ? '1' : '0']),
        ...(event === undefined ? [] : ['event', event]),
        ...(parts.length === 0 ? [] : ['parts', parts.join(' ')]),
        ...(agent === undefined ? [] : ['agent', agent ?? '']),
        ...(edits === undefined ? [] : ['edits', String(edits)]),
        ...(isFinished === undefined ? [] : ['finished', isFinished ? '1' : '0']),
      ];
      return [
        { command: 'HSET', key, args: fields },
        // Posted, or never to be: what opens an encrypted one is kept no longer.
        ...(isFinished === true ? [{ command: 'HDEL', key, args: [answerFileField] } as const] : []),
        { command: 'PEXPIRE', key, args: [String(keptMs)] },
      ];
    },
  };
}
