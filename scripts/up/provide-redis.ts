import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '#runtime/read-config';
import { CommandError } from '../cli/errors.ts';
import { findRedisServer } from '../setup/find-redis-server.ts';
import { givenRedis } from './given.ts';
import { OwnRedis, type RedisProgram } from './own-redis.ts';
import { dockerImage, dockerRedis, localRedis } from './redis-programs.ts';
import type { Reporter } from './reporter.ts';

export interface ProvidedRedis {
  /** What the services need beside the environment that we were given. Known when it has started. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it is, for people. Known when it has started. */
  readonly place: string;
  /** Resolves when it answers; rejects with the reason of `signal` when that is aborted before. */
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  /** Does not wait for its end. */
  kill(): void;
}

const run = promisify(execFile);

/**
 * The Redis that the environment names; else one of our own: `redis-server` or `valkey-server` on PATH, else in
 * Docker, else installed by the system's package manager when we are root.
 *
 * @throws {CommandError} naming the one command to type, where there is no way.
 */
export async function provideRedis(
  env: Environment,
  folder: string,
  { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<ProvidedRedis> {
  const name = givenRedis(env);
  const nothing = async (): Promise<void> => undefined;
  if (name !== undefined) {
    return { environment: {}, place: `from ${name}`, start: nothing, stop: nothing, kill: () => undefined };
  }
  const program = await findProgram(reporter, signal);
  const redis = new OwnRedis(program, join(folder, 'redis'), reporter);
  return {
    get environment() {
      return { REDIS_URL: redis.url };
    },
    get place() {
      return `${program.name} on 127.0.0.1:${redis.port}`;
    },
    start: (ending) => redis.start(ending),
    stop: () => redis.stop(),
    kill: () => redis.kill(),
  };
}

async function findProgram(reporter: Reporter, signal: AbortSignal): Promise<RedisProgram> {
  const say = (line: string): void => reporter.info(line);
  const local = await findRedisServer(say, { mayInstall: false });
  if (local !== undefined) return localRedis(local);
  if (await hasDocker()) {
    await pullImage(reporter, signal);
    return dockerRedis();
  }
  const installed = await findRedisServer(say);
  if (installed !== undefined) return localRedis(installed);
  throw new CommandError(
    `vagent needs a Redis: REDIS_URL is not set, and there is no redis-server, valkey-server or Docker here. Type: ${installCommand()}`,
  );
}

async function hasDocker(): Promise<boolean> {
  try {
    await run('docker', ['info'], { timeout: 5_000 });
    return true;
  } catch {
    // No program, no daemon or no permission: in each case there is no Docker for us.
    return false;
  }
}

async function pullImage(reporter: Reporter, signal: AbortSignal): Promise<void> {
  try {
    await run('docker', ['image', 'inspect', dockerImage], { timeout: 10_000, maxBuffer: 1 << 26 });
  } catch {
    // Not on this machine yet.
    reporter.info(`Pulls ${dockerImage} (once) …`);
    await run('docker', ['pull', '--quiet', dockerImage], { signal });
  }
}

function installCommand(): string {
  return process.platform === 'darwin' ? 'brew install redis' : 'sudo apt-get install -y redis-server';
}
