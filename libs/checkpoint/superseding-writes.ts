import type { ChannelEntry, CheckpointEntry } from './checkpoint-entry.ts';
import type { RedisWrite } from './redis-write.ts';
import type { Save } from './save-buffer.ts';
import { checkpointField, type ThreadKeys, valueField } from './thread-keys.ts';
import type { FoundCheckpoint } from './to-tuple.ts';

/** The newest stored checkpoint of the root namespace of a thread, with how many there are. */
export type NewestStored = FoundCheckpoint & { readonly count: number };

/**
 * The commands that drop the checkpoint which a thread's only save takes the place of, for a saver that keeps the newest
 * alone: in the very commit that stores the new one, so that no old state is ever left lying for a later pruning.
 * None where anything else might need it: another checkpoint beside it (it may share values), an interrupt or another
 * pending write on it, checkpoints of subgraphs, a successor that is rebuilt from it.
 */
export function supersedingWrites(
  saves: readonly Save[],
  newest: ReadonlyMap<string, NewestStored>,
  saver: { readonly keepsOnlyNewest: boolean; keysOf(threadId: string): ThreadKeys },
): RedisWrite[] {
  if (!saver.keepsOnlyNewest) return [];
  const writes: RedisWrite[] = [];
  for (const [threadId, own] of Map.groupBy(saves, (save) => save.threadId)) {
    const [only, ...others] = own.filter((save) => save.kind !== 'writes');
    const before = newest.get(threadId);
    if (only?.kind !== 'checkpoint' || others.length > 0 || before === undefined) continue;
    const { entry, isReplacement, standsAlone } = only.plan;
    const isAlone = before.count === 1 && before.writes.length === 0;
    const isSuccessor = entry.ns === '' && entry.parentId === before.entry.id && !isReplacement;
    const isElsewhere = own.some(
      (save) => save.kind === 'writes' && (save.ns !== '' || save.id !== entry.id),
    );
    if (!isAlone || !isSuccessor || !standsAlone || isElsewhere) continue;
    const { data, index } = saver.keysOf(threadId);
    writes.push(
      { command: 'HDEL', key: data, args: fieldsOf(before.entry, entry) },
      { command: 'ZREM', key: index, args: [checkpointField('', before.entry.id)] },
    );
  }
  return writes;
}

/** The record, and the values that the next checkpoint does not refer to. */
function fieldsOf(before: CheckpointEntry, next: CheckpointEntry): string[] {
  const fields = [checkpointField(before.ns, before.id)];
  for (const [channel, value] of before.values) {
    const kept = new Set(blobsOf(next.values.get(channel)));
    for (const blob of blobsOf(value)) {
      if (!kept.has(blob)) fields.push(valueField(before.ns, channel, blob));
    }
  }
  return fields;
}

function blobsOf(value: ChannelEntry | undefined): readonly string[] {
  return value?.stored.kind === 'blob' ? [value.stored.blob, ...value.stored.older] : [];
}
