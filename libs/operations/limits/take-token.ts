import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';

export type Token =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Whether to say so: true at most once in a window. */
      readonly tell: boolean;
      /** When there is room for one more, if nobody else takes it. */
      readonly retryInMs: number;
    };

const script = loadScript(new URL('take-token.lua', import.meta.url));

/**
 * Takes one token out of the bucket at `key`, by Redis' clock, together with all other processes: it holds `most`, and as
 * many come back evenly within `windowMs`. Rejects while Redis is away.
 */
export async function takeToken(
  redis: RedisClient,
  key: string,
  { most, windowMs }: { readonly most: number; readonly windowMs: number },
): Promise<Token> {
  // The script's own return value, see its header.
  const [isTaken, tell, retryInMs] = (await runScript(redis, script, [key], [most, windowMs])) as [
    number,
    number,
    number,
  ];
  return isTaken === 1 ? { ok: true } : { ok: false, tell: tell === 1, retryInMs };
}
