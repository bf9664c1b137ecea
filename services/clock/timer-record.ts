import { z } from 'zod';
import type { EntryOf } from '#contract/entry';
import type { Keys } from '#contract/keys';
import type { RedisWrite } from '#streams/commit';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';
import { TimerError } from './errors.ts';

const timerRecord = z.object({
  kind: z.string(),
  /** Milliseconds since the epoch, by Redis' clock. */
  dueAt: z.number(),
  data: z.json(),
  session: z.string(),
  turn: z.string().optional(),
  trace: z.string().optional(),
});
/** A timer that has not fired: what `keys.timers` holds for it. */
export type TimerRecord = z.infer<typeof timerRecord>;

/** A record together with its stored bytes, by which it is removed: a timer that was set anew stays. */
export interface StoredTimer {
  readonly timer: string;
  readonly record: TimerRecord;
  readonly stored: string;
}

export interface Timers {
  /** @throws {TimerError} where what is stored cannot be read. */
  read(partition: number, timer: string): Promise<StoredTimer | undefined>;
  /** All timers of a partition, some hundred at a time; those that cannot be read are told to `onUnreadable`. */
  scan(partition: number, onUnreadable: (error: TimerError) => void): AsyncGenerator<StoredTimer[]>;
  remove(partition: number, timer: StoredTimer): Promise<void>;
  setWrites(partition: number, entry: EntryOf<'timer.set'>): RedisWrite[];
  cancelWrites(partition: number, timer: string): RedisWrite[];
}

export interface TimersDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
}

const removeScript = loadScript(new URL('remove-timer.lua', import.meta.url));
const pageSize = 500;

/** The timers that wait: the truth of this service, of which BullMQ's jobs are only the alarm clock. */
export function createTimers(deps: TimersDeps): Timers {
  const { redis, keys, sealBody } = deps;
  return {
    read: async (partition, timer) => {
      const stored = await redis.hget(keys.timers(partition), timer);
      return stored === null ? undefined : parse(deps, partition, timer, stored);
    },
    scan: async function* (partition, onUnreadable) {
      let cursor = '0';
      do {
        const [next, fields] = await redis.hscan(keys.timers(partition), cursor, 'COUNT', pageSize);
        cursor = next;
        const page: StoredTimer[] = [];
        for (let index = 0; index + 1 < fields.length; index += 2) {
          try {
            page.push(parse(deps, partition, fields[index] ?? '', fields[index + 1] ?? ''));
          } catch (error) {
            if (!(error instanceof TimerError)) throw error;
            onUnreadable(error);
          }
        }
        yield page;
      } while (cursor !== '0');
    },
    remove: async (partition, { timer, stored }) => {
      const touched = [keys.timers(partition), keys.timersDue(partition)];
      await runScript(redis, removeScript, touched, [timer, stored]);
    },
    setWrites: (partition, { body, session, turn, trace }) => {
      const dueAt = Date.parse(body.dueAt);
      const record: TimerRecord = {
        kind: body.kind,
        dueAt,
        data: body.data,
        session,
        ...(turn === undefined ? {} : { turn }),
        ...(trace === undefined ? {} : { trace }),
      };
      const sealed = sealBody(JSON.stringify(record));
      return [
        { command: 'HSET', key: keys.timers(partition), args: [body.timer, sealed] },
        { command: 'ZADD', key: keys.timersDue(partition), args: [String(dueAt), body.timer] },
      ];
    },
    cancelWrites: (partition, timer) => [
      { command: 'HDEL', key: keys.timers(partition), args: [timer] },
      { command: 'ZREM', key: keys.timersDue(partition), args: [timer] },
    ],
  };
}

function parse(
  { keys, openBody }: TimersDeps,
  partition: number,
  timer: string,
  stored: string,
): StoredTimer {
  try {
    return { timer, stored, record: timerRecord.parse(JSON.parse(openBody(stored))) };
  } catch (cause) {
    const key = keys.timers(partition);
    const problem = `field of ${key} cannot be read; check PAYLOAD_KEY, or drop it with HDEL`;
    throw new TimerError(timer, problem, { cause });
  }
}
