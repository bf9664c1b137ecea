import { createHash } from 'node:crypto';
import { z } from 'zod';
import { encodeKeyPart } from '#checkpoint/key-part';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';
import { type Canaries, type Canary, limitedOutcomes, windowOf } from './canary.ts';

const script = loadScript(new URL('canary.lua', import.meta.url));

/** Counts of a canary that nobody meets any more. */
const ttlMs = 30 * 24 * 60 * 60 * 1_000;

const reply = z.union([
  z.tuple([z.enum(['error', 'rejected', 'edited']), z.coerce.number(), z.coerce.number()]),
  z.tuple([]),
]);

/** Canaries in Redis, a slot for each: what one worker rolls back is rolled back for all of them. */
export function createRedisCanaries({ redis, prefix }: { redis: RedisClient; prefix: string }): Canaries {
  const keysOf = ({ flag, digest }: Canary) => {
    const own = `${prefix}:{flag:${encodeKeyPart(flag)}:${digest}}`;
    return {
      counts: `${own}:counts`,
      order: `${own}:order`,
      outcomes: `${own}:outcomes`,
      rollback: `${own}:rolled-back`,
    };
  };
  return {
    isRolledBack: async (canary) => (await redis.exists(keysOf(canary).rollback)) === 1,
    count: async (canary, limits, outcome, key) => {
      const { counts, order, outcomes, rollback } = keysOf(canary);
      const mark = createHash('sha256').update(key).digest('base64url').slice(0, 22);
      const rates = limitedOutcomes(limits).flatMap((limit) => [limit.outcome, limit.most]);
      const args = [mark, outcome, limits.minSamples, windowOf(limits), ttlMs, ...rates];
      const touched = [counts, order, outcomes, rollback];
      const told = reply.parse(await runScript(redis, script, touched, args));
      if (told.length === 0) return undefined;
      const [why, times, samples] = told;
      return { outcome: why, count: times, samples };
    },
  };
}
