import type { Memory } from '#agents/memory/memory';
import type { Keys } from '#contract/keys';
import { parseSessionId } from '#contract/session-id';
import { textKeyOf } from '#dialogue/understanding/create-cached-understanding';
import type { RedisClient } from '#streams/redis-client';
import type { TurnDeps } from './turn-deps.ts';

/**
 * Forgets what turns have left outside their partition, where no commit reaches: beside it, and safe to repeat. A cached
 * understanding belongs to nobody: whoever said the same is understood anew.
 */
export function createForgetTurns(
  { redis, keys }: { readonly redis: RedisClient; readonly keys: Keys },
  memory: () => Pick<Memory, 'forget'>,
): TurnDeps['forgetTurns'] {
  return async (session, turns, texts) => {
    const { user = '' } = parseSessionId(session) ?? {};
    const organisation = user.slice(user.indexOf(':') + 1);
    await memory().forget({ user, organisation }, turns);
    await Promise.all(texts.map((text) => redis.del(keys.understood(textKeyOf(text)))));
  };
}
