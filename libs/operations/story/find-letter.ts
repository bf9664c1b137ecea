import { type DeadLetter, fieldOf, readDeadLetter } from '#operations/dead-letters/dead-letter';
import type { Transport } from '#streams/open-transport';

/** More than anybody leaves lying in one partition. */
const mostLetters = 1_000;

/** The newest dead letter of a fact, among the newest thousand of its partition. */
export async function findLetter(
  { redis, keys }: Pick<Transport, 'redis' | 'keys'>,
  partition: number,
  fact: string,
): Promise<DeadLetter | undefined> {
  const found = await redis.xrevrangeBuffer(keys.stream(partition, 'dead'), '+', '-', 'COUNT', mostLetters);
  for (const [id, fields] of found) {
    if (!fields.some((field) => String(field) === fact)) continue;
    const letter = readDeadLetter(keys, partition, String(id), fields);
    if (fieldOf(letter.original, 'id') === fact) return letter;
  }
  return undefined;
}
