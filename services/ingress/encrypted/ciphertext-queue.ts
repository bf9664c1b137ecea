import type { Keys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';

/** An event that waits for the replica with the keys. */
export interface Queued {
  /** Of the stream's entry. */
  readonly id: string;
  /** By Redis' clock, ms. */
  readonly since: number;
  readonly room: string;
  /** As it came; undefined where the entry was changed by hand. */
  readonly raw: unknown;
}

/** Events of encrypted rooms in the order in which they came, kept until what they say is published. */
export interface CiphertextQueue {
  readonly key: string;
  append(room: string, raw: unknown): Promise<void>;
  /** The entries behind `after`, at most `count`. */
  read(after: string, count: number): Promise<readonly Queued[]>;
  /** Undefined where it is gone. */
  readOne(id: string): Promise<Queued | undefined>;
  remove(ids: readonly string[]): Promise<void>;
  length(): Promise<number>;
}

/** Before the first entry. */
export const queueStart = '0-0';

/**
 * The queue of one user. What is in it is ciphertext, and clear events whose place among it matters; no part of it is a
 * secret to whoever runs the homeserver.
 */
export function createCiphertextQueue(redis: RedisClient, keys: Keys, userId: string): CiphertextQueue {
  const key = keys.ciphertext(userId);
  return {
    key,
    append: async (room, raw) => {
      await redis.xadd(key, '*', 'room', room, 'event', JSON.stringify(raw) ?? 'null');
    },
    read: async (after, count) => (await redis.xrange(key, `(${after}`, '+', 'COUNT', count)).map(toQueued),
    readOne: async (id) => (await redis.xrange(key, id, id)).map(toQueued)[0],
    remove: async (ids) => {
      if (ids.length > 0) await redis.xdel(key, ...ids);
    },
    length: () => redis.xlen(key),
  };
}

function toQueued([id, fields]: [id: string, fields: string[]]): Queued {
  const named = new Map(fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? '']] : [])));
  const since = Number(id.slice(0, id.indexOf('-')));
  return { id, since, room: named.get('room') ?? '', raw: parse(named.get('event')) };
}

function parse(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
