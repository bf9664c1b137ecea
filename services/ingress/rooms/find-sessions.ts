import { z } from 'zod';
import type { Keys } from '#contract/keys';
import { parseSessionId } from '#contract/session-id';
import type { RedisClient } from '#streams/redis-client';

export interface FindSessionsDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly partitions: number;
  readonly openBody: (sealed: string) => string;
}

const record = z.object({ session: z.string() });
const pageSize = 1_000;

/**
 * The sessions that live in a room: those that had a turn of late, and those of which an approval waits, which may be
 * older. Goes through all partitions, a page at a time: for what happens seldom.
 */
export async function findSessions(deps: FindSessionsDeps, room: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const isInRoom = (session: string): boolean => parseSessionId(session)?.room === room;
  for (let partition = 0; partition < deps.partitions; partition += 1) {
    for await (const session of recentSessions(deps, partition, room)) {
      if (isInRoom(session)) found.add(session);
    }
    for (const session of await waitingSessions(deps, partition)) {
      if (isInRoom(session)) found.add(session);
    }
  }
  return found;
}

/** The sessions of which an approval waits, of any room. */
export async function findWaitingSessions(deps: FindSessionsDeps): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let partition = 0; partition < deps.partitions; partition += 1) {
    for (const session of await waitingSessions(deps, partition)) found.add(session);
  }
  return found;
}

async function* recentSessions(
  { redis, keys }: FindSessionsDeps,
  partition: number,
  room: string,
): AsyncGenerator<string> {
  const pattern = `${room.replaceAll(/[*?[\]\\]/g, '\\$&')}:*`;
  let cursor = '0';
  do {
    const [next, flat] = await redis.zscan(
      keys.sessions(partition),
      cursor,
      'MATCH',
      pattern,
      'COUNT',
      pageSize,
    );
    // Members and scores take turns.
    for (let at = 0; at < flat.length; at += 2) yield flat[at] ?? '';
    cursor = next;
  } while (cursor !== '0');
}

async function waitingSessions(
  { redis, keys, openBody }: FindSessionsDeps,
  partition: number,
): Promise<string[]> {
  const ids = await redis.hvals(keys.openApprovals(partition));
  const sessions: string[] = [];
  for (const id of ids) {
    const sealed = await redis.hget(keys.approval(partition, id), 'record');
    if (sealed === null) continue;
    try {
      sessions.push(record.parse(JSON.parse(openBody(sealed))).session);
    } catch {
      // Nobody can read it: it expires by its own timer, and is no reason to leave the others open.
    }
  }
  return sessions;
}
