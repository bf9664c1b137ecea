import { basename, join } from 'node:path';
import type { RedisProgram } from './own-redis.ts';

/** A `redis-server` or `valkey-server` of this machine. */
export function localRedis(program: string): RedisProgram {
  return {
    name: basename(program),
    dir: (folder) => folder,
    command: (folder) => [program, join(folder, 'redis.conf')],
    listen: (port) => ({ bind: '127.0.0.1', port }),
  };
}

export const dockerImage = 'redis:8';

/** A container that ends with us and leaves its data in our folder, as files of ours. */
export function dockerRedis(): RedisProgram {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return {
    name: `docker run ${dockerImage}`,
    dir: () => '/data',
    command: (folder, port) => [
      'docker',
      'run',
      '--rm',
      `--user=${user}`,
      `--publish=127.0.0.1:${port}:6379`,
      `--volume=${folder}:/data`,
      dockerImage,
      'redis-server',
      '/data/redis.conf',
    ],
    listen: () => ({ bind: '0.0.0.0', port: 6379 }),
  };
}
