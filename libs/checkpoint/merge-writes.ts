import type { RedisWrite } from './redis-write.ts';

/**
 * Joins the commands of several saves into as few as possible with the same result: one HSET, ZADD and PEXPIRE per key.
 * Deletions come first: a saver drops what it saved before one. HSETNX comes before HSET, so that a field which is both is decided by the HSET, as the later word.
 */
export function mergeWrites(writes: readonly RedisWrite[]): RedisWrite[] {
  const kept = (['DEL', 'ZREM', 'HDEL', 'HSETNX'] as const).flatMap((command) =>
    writes.filter((write) => write.command === command),
  );
  for (const command of ['HSET', 'ZADD'] as const) {
    for (const [key, same] of groupByKey(writes, command)) {
      const pairs = new Map(same.flatMap((write) => pairsOf(write, command)));
      kept.push({ command, key, args: [...pairs.values()].flat() });
    }
  }
  for (const command of ['ZREMRANGEBYSCORE', 'PEXPIRE'] as const) {
    for (const [, same] of groupByKey(writes, command)) kept.push(...same.slice(-1));
  }
  return kept;
}

function groupByKey(
  writes: readonly RedisWrite[],
  command: RedisWrite['command'],
): Map<string, RedisWrite[]> {
  return Map.groupBy(
    writes.filter((write) => write.command === command),
    (write) => write.key,
  );
}

/** Argument pairs by what they set: the field of an HSET, the member of a ZADD. */
function pairsOf(write: RedisWrite, command: 'HSET' | 'ZADD'): [string, (string | Buffer)[]][] {
  const pairs: [string, (string | Buffer)[]][] = [];
  for (let i = 0; i + 1 < write.args.length; i += 2) {
    const first = write.args[i] ?? '';
    const second = write.args[i + 1] ?? '';
    pairs.push([String(command === 'HSET' ? first : second), [first, second]]);
  }
  return pairs;
}
