import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Say = (line: string) => void;

/**
 * Finds a Redis-compatible server program, installing Debian's package when this is allowed.
 *
 * Order: what `REDIS_SERVER` names, `redis-server`, then `valkey-server` on PATH; else, as root on a Debian system, `apt-get install
 * redis-server`. Returns undefined where none of these works; the caller then tries Docker or tells the user.
 */
export async function findRedisServer(
  say: Say,
  options: { mayInstall?: boolean } = {},
): Promise<string | undefined> {
  const found = process.env['REDIS_SERVER'] ?? onPath('redis-server') ?? onPath('valkey-server');
  if (found !== undefined || options.mayInstall === false || !canInstall()) return found;
  say('No redis-server on PATH: installing Debian’s redis-server (once, about 10 s) …');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = ['install', '-y', '--no-install-recommends', 'redis-server'];
  try {
    await run('apt-get', ['update'], { env: environment, maxBuffer: 1 << 26 });
    await run('apt-get', install, { env: environment, maxBuffer: 1 << 26 });
  } catch (error) {
    say(`apt-get could not install redis-server: ${error instanceof Error ? error.message : String(error)}`);
  }
  return onPath('redis-server');
}

function onPath(program: string): string | undefined {
  const result = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && onPath('apt-get') !== undefined;
}
