import type { Redis } from 'ioredis';
import { withUnzipped } from './with-unzipped.ts';

/** Every key and value of a Redis as text: to look for what must not stand in it. */
export async function everythingIn(redis: Redis): Promise<string> {
  const keys = await redis.keys('*');
  const values = await Promise.all(keys.map(async (key) => `${key} ${await readValue(redis, key)}`));
  return values.join('\n');
}

/** What stands sealed in a text of {@link everythingIn}, opened; what is sealed for something else is left out. */
export function openedIn(everything: string, openBody: (sealed: string) => string): string[] {
  const sealed = everything.match(/enc[12]\.[\w-]+\.[\w-]+\.[\w-]+/g) ?? [];
  return sealed.flatMap((one) => {
    try {
      return [openBody(one)];
    } catch {
      // The sample by which a service knows its key again.
      return [];
    }
  });
}

/** A value in clear: what DUMP gives may be compressed, and so may what we write. */
export async function readValue(redis: Redis, key: string): Promise<string> {
  return withUnzipped(await readStored(redis, key));
}

async function readStored(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    default:
      return '';
  }
}
