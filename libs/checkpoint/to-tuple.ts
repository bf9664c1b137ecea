import {
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  maxChannelVersion,
  type SerializerProtocol,
  TASKS,
} from '@langchain/langgraph-checkpoint';
import { currentValueOf } from './channel-value.ts';
import type { CheckpointEntry, WriteEntry } from './checkpoint-entry.ts';
import { restoreSnapshot } from './snapshot.ts';
import { load } from './typed-bytes.ts';

/** A checkpoint as found: its entry, its pending writes, and, for formats before 4, those of its parent. */
export interface FoundCheckpoint {
  readonly entry: CheckpointEntry;
  readonly writes: readonly WriteEntry[];
  readonly parentWrites: readonly WriteEntry[];
}

/** Makes what LangGraph expects of a saver; nothing of it can change what is cached. */
export async function toTuple(
  threadId: string,
  found: FoundCheckpoint,
  serde: SerializerProtocol,
): Promise<CheckpointTuple> {
  const { entry } = found;
  const channelValues = await Promise.all(
    [...entry.values].map(async ([channel, value]) => [channel, await currentValueOf(value, serde)] as const),
  );
  // Trust boundary: both snapshots were taken from a Checkpoint and its CheckpointMetadata.
  const rest = (await restoreSnapshot(entry.checkpoint, serde)) as Omit<Checkpoint, 'channel_values'>;
  const metadata = (await restoreSnapshot(entry.metadata, serde)) as CheckpointMetadata;
  const checkpoint: Checkpoint = { ...rest, channel_values: Object.fromEntries(channelValues) };
  if (entry.hasParentSends) await addParentSends(checkpoint, found.parentWrites, serde);
  const configOf = (checkpointId: string) => ({
    configurable: { thread_id: threadId, checkpoint_ns: entry.ns, checkpoint_id: checkpointId },
  });
  return {
    config: configOf(entry.id),
    checkpoint,
    metadata,
    pendingWrites: await Promise.all(found.writes.map((write) => pendingWriteOf(write, serde))),
    ...(entry.parentId !== undefined && { parentConfig: configOf(entry.parentId) }),
  };
}

async function pendingWriteOf(write: WriteEntry, serde: SerializerProtocol): Promise<CheckpointPendingWrite> {
  return [write.taskId, write.channel, await load(write.value, serde)];
}

/** Before format 4 LangGraph kept sends among the parent's writes; since then they are a channel. */
async function addParentSends(
  checkpoint: Checkpoint,
  parentWrites: readonly WriteEntry[],
  serde: SerializerProtocol,
): Promise<void> {
  const sends = parentWrites.filter((write) => write.channel === TASKS);
  checkpoint.channel_values[TASKS] = await Promise.all(sends.map(({ value }) => load(value, serde)));
  const versions = Object.values(checkpoint.channel_versions);
  checkpoint.channel_versions[TASKS] = versions.length > 0 ? maxChannelVersion(...versions) : 1;
}
