import { BadRequestError, NotFoundError } from '#operations/errors';
import type { Transport } from '#streams/open-transport';
import { type DeadLetter, readDeadLetter } from './dead-letter.ts';

/** The newest dead letters of all partitions, newest first, at most `most`. */
export async function listDeadLetters(transport: Transport, most: number): Promise<DeadLetter[]> {
  const { redis, keys, partitions } = transport;
  const letters = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const found = await redis.xrevrangeBuffer(keys.stream(partition, 'dead'), '+', '-', 'COUNT', most);
      return found.map(([id, fields]) => readDeadLetter(keys, partition, String(id), fields));
    }),
  );
  return letters
    .flat()
    .sort((a, b) => b.at - a.at)
    .slice(0, most);
}

const perPage = 200;

/**
 * Every dead letter, partition by partition, the oldest first, so that a conversation keeps its order where they are
 * replayed; a page at a time. What dies anew meanwhile is not among them.
 */
export async function* eachDeadLetter({
  redis,
  keys,
  partitions,
}: Transport): AsyncGenerator<DeadLetter, void, void> {
  for (let partition = 0; partition < partitions; partition++) {
    const stream = keys.stream(partition, 'dead');
    const [newest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
    let from = '-';
    while (newest !== undefined) {
      const page = await redis.xrangeBuffer(stream, from, newest[0], 'COUNT', perPage);
      for (const [id, fields] of page) yield readDeadLetter(keys, partition, String(id), fields);
      const last = page.at(-1);
      if (last === undefined || page.length < perPage) break;
      from = `(${last[0]}`;
    }
  }
}

/** How a letter is called on the command line: `<partition>:<id>`. */
export function letterName({ partition, entryId }: Pick<DeadLetter, 'partition' | 'entryId'>): string {
  return `${partition}:${entryId}`;
}

/** @throws {NotFoundError} where there is no such letter. */
export async function findDeadLetter(
  { redis, keys, partitions }: Transport,
  name: string,
): Promise<DeadLetter> {
  const [, number = '', id = ''] = /^(\d+):(\d+-\d+)$/.exec(name) ?? [];
  const partition = Number(number);
  if (id === '' || partition >= partitions) {
    throw new BadRequestError(`"${name}" names no dead letter: give PARTITION:ID as they are listed`);
  }
  const [found] = await redis.xrangeBuffer(keys.stream(partition, 'dead'), id, id);
  if (found === undefined)
    throw new NotFoundError(`There is no dead letter ${name}: it was replayed or dropped`);
  return readDeadLetter(keys, partition, id, found[1]);
}
