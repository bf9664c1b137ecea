import { CheckpointWriteError } from './errors.ts';
import type { RedisClient } from './redis-client.ts';
import type { RedisWrite } from './redis-write.ts';

/** A read made in the same transaction, before the writes. */
export interface RedisRead {
  readonly command: 'HEXISTS' | 'ZLEXCOUNT';
  readonly key: string;
  readonly args: readonly string[];
}

/**
 * Runs reads, then writes, in one transaction of one slot, and resolves to the answers of the reads as numbers.
 * Rejects with CheckpointWriteError when Redis refused any of them.
 */
export async function executeWrites(
  redis: RedisClient,
  writes: readonly RedisWrite[],
  reads: readonly RedisRead[] = [],
): Promise<number[]> {
  if (writes.length + reads.length === 0) return [];
  const transaction = redis.multi();
  for (const { command, key, args } of [...reads, ...writes]) transaction.call(command, key, ...args);
  const replies = await transaction.exec();
  if (replies === null) throw new CheckpointWriteError('Redis gave up the transaction of a save: save again');
  const [cause] = replies.flatMap(([error]) => (error === null ? [] : [error]));
  if (cause !== undefined) {
    const key = JSON.stringify(writes[0]?.key);
    throw new CheckpointWriteError(
      `Redis refused a command of a save to key ${key}: ${cause.message}. ` +
        'Mend what it names (a key of another type, memory, a read-only replica) and save again',
      { cause },
    );
  }
  return replies.slice(0, reads.length).map(([, reply]) => Number(reply));
}
