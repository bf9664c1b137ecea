import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisClient } from './redis-client.ts';

export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** Reads a Lua file that stands beside the module: `loadScript(new URL('commit.lua', import.meta.url))`. */
export function loadScript(file: URL): Script {
  const source = readFileSync(file, 'utf8');
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Runs a script by its digest; a server that does not know it (restart, failover, SCRIPT FLUSH) gets the source. */
export async function runScript(
  redis: RedisClient,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (redisErrorCode(error) !== 'NOSCRIPT') throw error;
    return await redis.eval(script.source, keys.length, ...keys, ...args);
  }
}

/** The code that starts a Redis error reply (`NOSCRIPT`, `OOM`, `WRONGTYPE` …); undefined for other errors. */
export function redisErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return /^[A-Z]+/.exec(error.message)?.[0];
}
