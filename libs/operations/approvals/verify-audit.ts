import { type ChainCheck, chainStart, verifyChain } from '#streams/audit-chain';
import type { Transport } from '#streams/open-transport';

export type PartitionVerdict = ChainCheck & { readonly partition: number };

type Redis = Transport['redis'];

/** Where a chain ends: the id of its last line, and the hash that is kept of it. */
interface ChainEnd {
  readonly last: string | null;
  readonly head: string | null;
}

const perPage = 1_000;

/** Follows the audit chain of every partition, one after the other, a page at a time: it is as long as the system is old. */
export async function* verifyAudit({
  redis,
  keys,
  partitions,
}: Transport): AsyncGenerator<PartitionVerdict, void, void> {
  for (let partition = 0; partition < partitions; partition++) {
    const stream = keys.stream(partition, 'audit');
    const end = await readEnd(redis, stream, keys.auditHead(partition));
    yield { partition, ...(await followChain(redis, stream, end)) };
  }
}

/** Last line and head at one moment: a chain that grows between two reads would look broken. */
async function readEnd(redis: Redis, stream: string, head: string): Promise<ChainEnd> {
  const replies = await redis.multi().xrevrange(stream, '+', '-', 'COUNT', 1).hget(head, 'hash').exec();
  const [[streamError, found] = [], [headError, hash] = []] = replies ?? [];
  if (streamError) throw streamError;
  if (headError) throw headError;
  // XREVRANGE answers pairs of an id and its fields, HGET text or nothing.
  const [line] = found as [string, string[]][];
  return { last: line?.[0] ?? null, head: hash as string | null };
}

async function followChain(redis: Redis, stream: string, { last, head }: ChainEnd): Promise<ChainCheck> {
  let [lines, previous, from] = [0, chainStart, '-'];
  for (;;) {
    const page = last === null ? [] : await redis.xrange(stream, from, last, 'COUNT', perPage);
    const newest = page.at(-1);
    const isLast = newest === undefined || page.length < perPage;
    const read = page.map(([id, fields]) => ({ id, fields }));
    // Within the chain a page ends with what its own last line says, which the next one must build on.
    const check = verifyChain(read, isLast ? head : (newest[1].at(-1) ?? null), previous);
    if (!check.isIntact) return check;
    lines += check.lines;
    if (isLast) return { ...check, lines };
    [previous, from] = [check.head, `(${newest[0]}`];
  }
}
