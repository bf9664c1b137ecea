import { z } from 'zod';
import type { Transport } from '#streams/open-transport';
import { redisErrorCode } from '#streams/script';

const group = z.object({ name: z.string(), pending: z.number(), 'entries-read': z.number().nullable() });

/** How many inbound entries of all partitions have had an outcome. Only grows, but when a group is made anew. */
export async function readProgress({ redis, keys, partitions }: Transport): Promise<number> {
  const all = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      try {
        return finishedOf(await redis.xinfo('GROUPS', keys.stream(partition, 'inbound')));
      } catch (error) {
        // No stream yet, or something else in its place: that is told elsewhere.
        if (redisErrorCode(error) === 'ERR' || redisErrorCode(error) === 'WRONGTYPE') return 0;
        throw error;
      }
    }),
  );
  return all.reduce((sum, one) => sum + one, 0);
}

/** XINFO answers each group as a flat list of names and values. */
function finishedOf(reply: unknown): number {
  const lists = z.array(z.array(z.unknown())).catch([]).parse(reply);
  for (const flat of lists) {
    const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]]] : []));
    const found = group.safeParse(Object.fromEntries(pairs));
    if (found.success && found.data.name === 'graph') {
      return Math.max(0, (found.data['entries-read'] ?? 0) - found.data.pending);
    }
  }
  return 0;
}
