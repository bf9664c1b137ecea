import { partitionOf } from '#contract/partition-of';
import { type TurnRecord, turnRecord } from '#contract/turn-record';
import type { Transport } from '#streams/open-transport';

type ReadDeps = Pick<Transport, 'redis' | 'keys' | 'partitions' | 'openBody'>;

/**
 * The accounts of the newest turns of a session, at most 100, oldest first. What cannot be read (another key, another
 * version, changed by hand) is left out: the rest is told all the same.
 */
export async function readTurns(
  { redis, keys, partitions, openBody }: ReadDeps,
  session: string,
): Promise<TurnRecord[]> {
  const sealed = await redis.lrange(keys.turns(partitionOf(session, partitions), session), 0, -1);
  return sealed.flatMap((one) => {
    const record = readRecord(one, openBody);
    return record === undefined ? [] : [record];
  });
}

function readRecord(sealed: string, openBody: ReadDeps['openBody']): TurnRecord | undefined {
  try {
    return turnRecord.safeParse(JSON.parse(openBody(sealed))).data;
  } catch {
    return undefined;
  }
}
