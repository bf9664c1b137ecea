import type { Environment } from '#runtime/read-config';
import { givenHomeserver, givenRedis } from '../up/given.ts';
import { findRunningSystem } from '../up/running-system.ts';
import { stateFolder } from '../up/state-folder.ts';

/**
 * The environment for a command: what is set, and for Redis or Matrix, where that is not set, what the system that
 * `vagent up` runs in this folder uses.
 */
export async function commandEnvironment(env: Environment): Promise<Environment> {
  const running = await findRunningSystem(stateFolder(env));
  if (running === undefined) return env;
  const merged: Record<string, string | undefined> = { ...running.environment, ...env };
  const isOfRedis = (name: string): boolean =>
    /^(REDIS_|KEY_PREFIX|STREAM_PARTITIONS|PAYLOAD_KEY|CRYPTO_STORE_KEY)/.test(name);
  for (const name of Object.keys(running.environment)) {
    if (env[name] !== undefined) continue;
    const isGiven = isOfRedis(name) ? givenRedis(env) !== undefined : givenHomeserver(env) !== undefined;
    if (isGiven) delete merged[name];
  }
  return merged;
}
