import { z } from 'zod';
import type { RedisClient } from '#streams/redis-client';

const groupFields = z.object({ name: z.string(), pending: z.number(), 'last-delivered-id': z.string() });
const pendingRows = z.array(z.tuple([z.string()]).rest(z.unknown()));
const mostPending = 10_000;

/**
 * Which entries of a stream some group has not finished with: not read yet, or not acknowledged. Taking those away
 * would be a loss to whoever waits for them.
 */
export async function unfinishedEntries(
  redis: RedisClient,
  stream: string,
): Promise<(entryId: string) => boolean> {
  const answer = await redis.xinfo('GROUPS', stream);
  const groups = z.array(z.array(z.unknown()).transform(toGroup)).parse(answer);
  const pending = new Set<string>();
  for (const { name, pending: count } of groups) {
    if (count === 0) continue;
    const rows = await redis.xpending(stream, name, '-', '+', mostPending);
    for (const [id] of pendingRows.parse(rows)) pending.add(id);
    // More than we can know by name: then none of this stream counts as finished.
    if (count > mostPending) return () => true;
  }
  return (id) => pending.has(id) || groups.some((group) => isAfter(id, group['last-delivered-id']));
}

function toGroup(flat: unknown[]) {
  const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]]] : []));
  return groupFields.parse(Object.fromEntries(pairs));
}

function isAfter(a: string, b: string): boolean {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number);
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number);
  return aMs === bMs ? aSeq > bSeq : aMs > bMs;
}
