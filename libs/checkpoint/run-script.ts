import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RedisClient } from './redis-client.ts';

interface Script {
  readonly source: string;
  readonly sha: string;
}

const scripts = new Map<string, Promise<Script>>();

/**
 * Runs `<name>.lua` of this folder, by its digest where the server knows it and by its text where it does not (first
 * use, restart, failover). All keys must lie in one slot. Strings come back as Buffers.
 */
export async function runScript(
  redis: RedisClient,
  name: string,
  keys: readonly string[],
  args: readonly (string | Buffer)[],
): Promise<unknown> {
  const script = await loadScript(name);
  const rest = [keys.length, ...keys, ...args];
  try {
    return await redis.callBuffer('EVALSHA', [script.sha, ...rest]);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return redis.callBuffer('EVAL', [script.source, ...rest]);
  }
}

function loadScript(name: string): Promise<Script> {
  const known = scripts.get(name);
  if (known !== undefined) return known;
  const loading = readFile(new URL(`./${name}.lua`, import.meta.url), 'utf8').then((source) => ({
    source,
    sha: createHash('sha1').update(source).digest('hex'),
  }));
  scripts.set(name, loading);
  loading.catch(() => scripts.delete(name));
  return loading;
}

/** NOSCRIPT is a code word of the protocol, the first word of the reply: no other field tells it. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
