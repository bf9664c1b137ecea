import { type PendingWrite, type SerializerProtocol, WRITES_IDX_MAP } from '@langchain/langgraph-checkpoint';
import type { WriteEntry } from './checkpoint-entry.ts';
import type { RedisWrite } from './redis-write.ts';
import { encodeStoredWrite } from './stored-write.ts';
import { type ThreadKeys, writeField } from './thread-keys.ts';
import { dump } from './typed-bytes.ts';

/** A pending write with what happens to one that is there already under the same task and index. */
export interface PlannedWrite extends WriteEntry {
  /** Errors, interrupts and resumes replace what is there; the outcome of a task, once recorded, stays. */
  readonly replaces: boolean;
}

/** Places the writes of a task: special channels have fixed negative indexes, the others their position. */
export async function planWrites(
  ns: string,
  id: string,
  taskId: string,
  writes: readonly PendingWrite[],
  serde: SerializerProtocol,
): Promise<PlannedWrite[]> {
  const planned = await Promise.all(
    writes.map(async ([channel, value], position) => {
      const special = Object.hasOwn(WRITES_IDX_MAP, channel) ? WRITES_IDX_MAP[channel] : undefined;
      return {
        field: writeField(ns, id, taskId, special ?? position),
        taskId,
        channel,
        value: await dump(value, serde),
        replaces: special !== undefined,
      };
    }),
  );
  return [...new Map(planned.map((write) => [write.field, write])).values()];
}

/**
 * The commands that store pending writes: one HSET for those that replace what is there, one HSETNX for each that must
 * not; all in the HSET where the checkpoint is new, so that nothing can be there.
 */
export function writeCommands(
  keys: ThreadKeys,
  writes: readonly PlannedWrite[],
  isNewCheckpoint = false,
): RedisWrite[] {
  const contentOf = (write: PlannedWrite) => encodeStoredWrite(write.channel, write.value);
  const replacing = writes.filter((write) => isNewCheckpoint || write.replaces);
  const commands: RedisWrite[] = writes
    .filter((write) => !isNewCheckpoint && !write.replaces)
    .map((write) => ({ command: 'HSETNX', key: keys.data, args: [write.field, contentOf(write)] }));
  if (replacing.length > 0) {
    const args = replacing.flatMap((write) => [write.field, contentOf(write)]);
    commands.push({ command: 'HSET', key: keys.data, args });
  }
  if (writes.length > 0) {
    commands.push({ command: 'ZADD', key: keys.index, args: writes.flatMap((write) => ['0', write.field]) });
  }
  return commands;
}
