import type { Redis } from 'ioredis';
import { withUnzipped } from './with-unzipped.ts';

/** The keys under a prefix that hold these words anywhere: names, fields, members, entries. */
export async function findWords(redis: Redis, prefix: string, words: string): Promise<string[]> {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', 1_000);
    cursor = next;
    for (const key of keys) {
      if (key.includes(words) || withUnzipped(await contentOf(redis, key)).includes(words)) found.push(key);
    }
  } while (cursor !== '0');
  return [...new Set(found)].sort();
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.getBuffer(key))?.toString('utf8') ?? '';
    case 'hash':
      return text(await redis.hgetallBuffer(key));
    case 'list':
      return text(await redis.lrangeBuffer(key, 0, -1));
    case 'set':
      return text(await redis.smembersBuffer(key));
    case 'zset':
      return text(await redis.zrangeBuffer(key, '0', '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    default:
      return '';
  }
}

function text(values: readonly Buffer[] | Record<string, Buffer>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value.toString('utf8')}`)
    .join('\n');
}
