import type { Keys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';
import { takeToken } from './take-token.ts';

export type LimitScope = 'user' | 'room';

export type Taken =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Whose limit it is. */
      readonly scope: LimitScope;
      /** Whether to say so: true at most once in a minute for each user and each room. */
      readonly tell: boolean;
      /** When there is room for one more, if nobody else takes it. */
      readonly retryInMs: number;
    };

export interface RateLimits {
  /**
   * Counts one message of a user in a room, by Redis' clock, together with all other processes. What is over the limit
   * of its user does not count for the room: one person cannot use up what the others may send.
   */
  take(message: { readonly user: string; readonly room: string }): Promise<Taken>;
}

const windowMs = 60_000;

/**
 * Limits how many messages a minute are answered: token buckets in Redis that hold one minute's worth, so that much may
 * come at once. 0 is no limit. Rejects while Redis is away.
 */
export function createRateLimits(deps: {
  readonly redis: RedisClient;
  readonly keys: Pick<Keys, 'rate'>;
  readonly perMinute: Readonly<Record<LimitScope, number>>;
}): RateLimits {
  const { redis, keys, perMinute } = deps;
  const takeFrom = async (scope: LimitScope, who: string): Promise<Taken> => {
    const most = perMinute[scope];
    if (most === 0) return { ok: true };
    const taken = await takeToken(redis, keys.rate(scope, who), { most, windowMs });
    return taken.ok ? taken : { ...taken, scope };
  };
  return {
    take: async ({ user, room }) => {
      const taken = await takeFrom('user', user);
      return taken.ok ? takeFrom('room', room) : taken;
    },
  };
}
