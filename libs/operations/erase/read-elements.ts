import type { RedisClient } from '#streams/redis-client';

/** One part of a key: a field, an entry, a member; the whole of a string. */
export interface Element {
  /** Name of the field, id of the entry, the member itself; empty for a string, and the number in a list. */
  readonly at: string;
  /** Everything that it holds, names of fields among it. */
  readonly texts: readonly string[];
}

const perPage = 100;

/** Reads a key of any type, page by page: nothing is too large to be looked through. */
export async function* readElements(redis: RedisClient, key: string): AsyncGenerator<Element[]> {
  const type = await redis.type(key);
  switch (type) {
    case 'string': {
      const value = await redis.get(key);
      if (value !== null) yield [{ at: '', texts: [value] }];
      return;
    }
    case 'hash':
      return yield* scan(async (cursor) => {
        const [next, flat] = await redis.hscan(key, cursor, 'COUNT', perPage);
        return [next, pairs(flat).map(([at, value]) => ({ at, texts: [at, value] }))];
      });
    case 'zset':
      return yield* scan(async (cursor) => {
        const [next, flat] = await redis.zscan(key, cursor, 'COUNT', perPage);
        return [next, pairs(flat).map(([at]) => ({ at, texts: [at] }))];
      });
    case 'set':
      return yield* scan(async (cursor) => {
        const [next, members] = await redis.sscan(key, cursor, 'COUNT', perPage);
        return [next, members.map((at) => ({ at, texts: [at] }))];
      });
    case 'list':
      return yield* readList(redis, key);
    case 'stream':
      return yield* readStream(redis, key);
    default:
      // Gone meanwhile, or of a module that vagent does not use.
      return;
  }
}

async function* scan(
  next: (cursor: string) => Promise<[string, Element[]]>,
): AsyncGenerator<Element[], void, void> {
  let cursor = '0';
  do {
    const [after, elements] = await next(cursor);
    cursor = after;
    yield elements;
  } while (cursor !== '0');
}

async function* readList(redis: RedisClient, key: string): AsyncGenerator<Element[], void, void> {
  for (let from = 0; ; from += perPage) {
    const page = await redis.lrange(key, from, from + perPage - 1);
    yield page.map((value, index) => ({ at: String(from + index), texts: [value] }));
    if (page.length < perPage) return;
  }
}

async function* readStream(redis: RedisClient, key: string): AsyncGenerator<Element[], void, void> {
  let from = '-';
  for (;;) {
    const page = await redis.xrange(key, from, '+', 'COUNT', perPage);
    yield page.map(([at, fields]) => ({ at, texts: fields }));
    const last = page.at(-1);
    if (last === undefined || page.length < perPage) return;
    from = `(${last[0]}`;
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []));
}
