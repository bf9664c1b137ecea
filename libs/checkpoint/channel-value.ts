import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';
import type { ChannelEntry } from './checkpoint-entry.ts';
import { matchesCopy, matchesSnapshot, restoreSnapshot, type Snapshot, takeSnapshot } from './snapshot.ts';

type Snapshots = ChannelEntry['snapshots'];

/** Snapshots of a channel value; those of the first `known.length` elements of a list are taken over. */
export async function takeSnapshots(
  value: unknown,
  serde: SerializerProtocol,
  known: readonly Snapshot[] = [],
): Promise<Snapshots> {
  if (!Array.isArray(value)) return takeSnapshot(value, serde);
  const tail = await Promise.all(
    Array.from({ length: value.length - known.length }, (_, i) =>
      takeSnapshot(value[known.length + i], serde),
    ),
  );
  return [...known, ...tail];
}

/** How many leading elements of the list `value` are as the snapshots say. */
export async function unchangedLength(
  value: readonly unknown[],
  snapshots: readonly Snapshot[],
  serde: SerializerProtocol,
): Promise<number> {
  const most = Math.min(value.length, snapshots.length);
  for (let i = 0; i < most; i += 1) {
    const snapshot = snapshots[i];
    if (snapshot === undefined) return i;
    const matches = matchesCopy(value[i], snapshot) ?? (await matchesSnapshot(value[i], snapshot, serde));
    if (!matches) return i;
  }
  return most;
}

/** Whether `value` would be stored exactly as the snapshots say. */
export async function isUnchanged(
  value: unknown,
  snapshots: Snapshots,
  serde: SerializerProtocol,
): Promise<boolean> {
  if (!isList(snapshots)) return !Array.isArray(value) && matchesSnapshot(value, snapshots, serde);
  if (!Array.isArray(value) || value.length !== snapshots.length) return false;
  return (await unchangedLength(value, snapshots, serde)) === snapshots.length;
}

/**
 * The value of a channel for the graph: the live object while nobody changed it since it was stored, else one made
 * anew from the snapshots. What only its bytes describe is always read from them, as after a restart.
 */
export async function currentValueOf(entry: ChannelEntry, serde: SerializerProtocol): Promise<unknown> {
  const { live, snapshots } = entry;
  const parts = isList(snapshots) ? snapshots : [snapshots];
  const isShared = parts.every((part) => part.kind === 'copy');
  if (isShared && (await isUnchanged(live, snapshots, serde))) return live;
  return isList(snapshots)
    ? Promise.all(snapshots.map((snapshot) => restoreSnapshot(snapshot, serde)))
    : restoreSnapshot(snapshots, serde);
}

export function isList(snapshots: Snapshots): snapshots is readonly Snapshot[] {
  return Array.isArray(snapshots);
}
