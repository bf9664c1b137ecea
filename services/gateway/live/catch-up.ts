import type { Keys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';
import { redisErrorCode } from '#streams/script';
import type { LiveEvent } from '../api/live.ts';
import { covers, furthest, liveStreams, moved, nearest, type Positions } from './cursor.ts';
import { deliver, type Member } from './member.ts';
import { type Found, mergePages, type Page } from './merge-pages.ts';
import { fieldOf } from './to-live-event.ts';

export interface CatchUpDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly toEvent: (found: Found) => LiveEvent;
}

/** Somebody who is behind the live reader. */
export interface Late {
  readonly member: Member & { readonly session: string };
  /** How far it is; grows while it catches up. */
  seen: Positions;
}

const pageSize = 250;

/**
 * Gives all that come too late what they have missed, in one walk through the streams. When they are as far as the live
 * reader, `join` is called in the same tick: whoever joins it then misses nothing and gets nothing twice.
 * A failure of Redis rejects; called again it goes on where it was.
 */
export async function catchUp(
  deps: CatchUpDeps,
  partition: number,
  late: readonly Late[],
  live: { readonly positions: Positions },
  join: (late: Late) => void,
): Promise<void> {
  const bySession = Map.groupBy(late, ({ member }) => member.session);
  for (const one of late) one.member.ahead = one.seen;
  let at = late.reduce((all, { seen }) => nearest(all, seen), late[0]?.seen ?? live.positions);
  for (;;) {
    const before = live.positions;
    const pages = await readPages(deps, partition, at);
    const { found, positions } = mergePages(at, pages);
    for (const one of found) give(deps, bySession.get(fieldOf(one.fields, 'session')), one);
    at = positions;
    // What the live reader had then and is not there now was deleted: nobody need wait for it.
    for (const { stream, isFull } of pages) {
      if (!isFull) at = furthest(at, moved(at, stream, before[stream] ?? '0-0'));
    }
    for (const one of late) one.seen = furthest(one.seen, at);
    const isWhole = pages.every(({ isFull }) => !isFull);
    const isOver = late.every(({ member }) => member.isStopped);
    if (isOver || (isWhole && covers(at, live.positions))) return late.forEach(join);
  }
}

function give({ toEvent }: CatchUpDeps, together: readonly Late[] | undefined, found: Found): void {
  if (together === undefined) return;
  const event = toEvent(found);
  for (const { member } of together) deliver(member, found, event);
}

async function readPages({ redis, keys }: CatchUpDeps, partition: number, at: Positions): Promise<Page[]> {
  return Promise.all(
    liveStreams.map(async (name, stream): Promise<Page> => {
      const key = keys.stream(partition, name);
      try {
        const entries = await redis.xrange(key, `(${at[stream] ?? '0-0'}`, '+', 'COUNT', pageSize);
        return { stream, entries, isFull: entries.length >= pageSize };
      } catch (error) {
        // A key of another type has no entries; the others have.
        if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
        return { stream, entries: [], isFull: false };
      }
    }),
  );
}
