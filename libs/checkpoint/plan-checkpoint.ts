import {
  type ChannelVersions,
  type Checkpoint,
  type CheckpointMetadata,
  copyCheckpoint,
  INTERRUPT,
  maxChannelVersion,
  type SerializerProtocol,
} from '@langchain/langgraph-checkpoint';
import { isList, isUnchanged, takeSnapshots, unchangedLength } from './channel-value.ts';
import type { ChannelEntry, CheckpointEntry } from './checkpoint-entry.ts';
import { digestOf } from './decode-checkpoint.ts';
import { takeSnapshot } from './snapshot.ts';
import { encodeRecord } from './stored-record.ts';
import { encodeStoredValue } from './stored-value.ts';
import { checkpointField, valueField } from './thread-keys.ts';
import { dump, type TypedBytes } from './typed-bytes.ts';

export interface CheckpointToPlan {
  readonly ns: string;
  /** The `checkpoint_id` of the config that the checkpoint is put with. */
  readonly parentId: string | undefined;
  /** What is known of that checkpoint; undefined where it does not exist any more. */
  readonly parent: CheckpointEntry | undefined;
  readonly checkpoint: Checkpoint;
  readonly metadata: CheckpointMetadata;
  readonly newVersions: ChannelVersions;
  /** A list in more parts than this is stored anew as a whole. */
  readonly mostParts: number;
}

export interface CheckpointPlan {
  readonly entry: CheckpointEntry;
  /** Fields to set in the thread's data hash, the record last. */
  readonly fields: ReadonlyMap<string, Buffer>;
  /** The checkpoint was put upon itself: it, and writes to it, may be in Redis already. */
  readonly isReplacement: boolean;
  /** It can be read without the checkpoint that it was put upon. */
  readonly standsAlone: boolean;
}

/** Values up to this size travel inside the record: what Redis needs for another field is more than to write them again. */
const inlineBytes = 160;

/**
 * Decides what must be written so that `checkpoint` can be read back: its record, and those channel values that are
 * not stored yet. A list that continues the parent's costs its new tail only. Pure: reads and writes nothing.
 */
export async function planCheckpoint(
  put: CheckpointToPlan,
  serde: SerializerProtocol,
): Promise<CheckpointPlan> {
  const { ns, parent, checkpoint, metadata } = put;
  const fields = new Map<string, Buffer>();
  const values = new Map<string, ChannelEntry>();
  for (const [channel, value] of Object.entries(checkpoint.channel_values)) {
    // LangGraph takes a channel that is not there for one that is undefined.
    if (value === undefined) continue;
    const previous = parent?.values.get(channel);
    const fate = fateOf(channel, put, previous);
    if (fate === 'carried' && previous !== undefined) values.set(channel, previous);
    if (fate !== 'stored') continue;
    const planned = await planValue(value, previous, put.mostParts, serde);
    if (planned.content !== undefined && planned.entry.stored.kind === 'blob') {
      fields.set(valueField(ns, channel, planned.entry.stored.blob), planned.content);
    }
    values.set(channel, planned.entry);
  }
  const { channel_values: _, ...rest } = copyCheckpoint(checkpoint);
  // A checkpoint that is put upon itself (an interrupted turn saved again) keeps the parent it had.
  const parentId = put.parentId === checkpoint.id ? parent?.parentId : put.parentId;
  const hasParentSends = checkpoint.v < 4 && parentId !== undefined;
  const needsParent = metadata.counters_since_delta_snapshot !== undefined;
  const record = encodeRecord({
    parentId,
    rootId: ns === '' ? undefined : metadata.parents?.[''],
    needsParent,
    hasParentSends,
    resumedParent: parent !== undefined && parentId === parent.id && resumes(checkpoint, parent),
    blobs: referencesOf(values),
    inline: inlineOf(values),
    checkpoint: await dump(rest, serde),
    metadata: await dump(metadata, serde),
  });
  fields.set(checkpointField(ns, checkpoint.id), record);
  const entry: CheckpointEntry = {
    ns,
    id: checkpoint.id,
    parentId,
    hasParentSends,
    digest: digestOf(record),
    versions: { ...checkpoint.channel_versions },
    checkpoint: await takeSnapshot(rest, serde),
    metadata: await takeSnapshot(metadata, serde),
    values,
  };
  const isReplacement = put.parentId === checkpoint.id;
  return { entry, fields, isReplacement, standsAlone: !needsParent && !hasParentSends };
}

/**
 * A value is stored when its version is new, and also when the parent, though named, does not have it at that version
 * (pruned or deleted in between, or a copy made of another checkpoint). Without a parent only new versions count.
 */
function fateOf(
  channel: string,
  put: CheckpointToPlan,
  previous: ChannelEntry | undefined,
): 'stored' | 'carried' | 'left out' {
  if (Object.hasOwn(put.newVersions, channel)) return 'stored';
  const isCopy = put.parentId !== undefined || put.metadata.source === 'fork';
  if (!isCopy) return 'left out';
  const isSameVersion = put.parent?.versions[channel] === put.checkpoint.channel_versions[channel];
  return previous !== undefined && isSameVersion ? 'carried' : 'stored';
}

async function planValue(
  value: unknown,
  previous: ChannelEntry | undefined,
  mostParts: number,
  serde: SerializerProtocol,
): Promise<{ entry: ChannelEntry; content?: Buffer }> {
  const continued = await planTail(value, previous, mostParts, serde);
  if (continued !== undefined) return continued;
  if (previous !== undefined && (await isUnchanged(value, previous.snapshots, serde))) {
    return { entry: { ...previous, live: value } };
  }
  const snapshots = await takeSnapshots(value, serde);
  const part = await dump(value, serde);
  if (part.bytes.byteLength <= inlineBytes) {
    return { entry: { live: value, snapshots, stored: { kind: 'inline', part } } };
  }
  const { blob, content } = encodeStoredValue({ previous: undefined, keep: 0, ...part });
  return { entry: { live: value, snapshots, stored: { kind: 'blob', blob, older: [] } }, content };
}

/** The plan for a list that shares at least half of the previous one as its head; undefined for anything else. */
async function planTail(
  value: unknown,
  previous: ChannelEntry | undefined,
  mostParts: number,
  serde: SerializerProtocol,
): Promise<{ entry: ChannelEntry; content?: Buffer } | undefined> {
  if (!Array.isArray(value) || previous?.stored.kind !== 'blob' || !isList(previous.snapshots)) {
    return undefined;
  }
  const before = previous.snapshots;
  const keep = await unchangedLength(value, before, serde);
  if (keep === before.length && keep === value.length) return { entry: { ...previous, live: value } };
  if (keep === 0 || keep * 2 < before.length || previous.stored.older.length + 2 > mostParts)
    return undefined;
  const part = await dump(value.slice(keep), serde);
  const { blob, content } = encodeStoredValue({ previous: previous.stored.blob, keep, ...part });
  const snapshots = await takeSnapshots(value, serde, before.slice(0, keep));
  const older = [previous.stored.blob, ...previous.stored.older];
  return { entry: { live: value, snapshots, stored: { kind: 'blob', blob, older } }, content };
}

/** LangGraph marks every version up to the interrupted checkpoint as seen by the interrupt when it resumes it. */
function resumes(checkpoint: Checkpoint, parent: CheckpointEntry): boolean {
  const seen = Object.values(checkpoint.versions_seen[INTERRUPT] ?? {});
  const had = Object.values(parent.versions);
  if (seen.length === 0 || had.length === 0) return false;
  const newest = maxChannelVersion(...had);
  return maxChannelVersion(newest, ...seen) !== newest || seen.includes(newest);
}

function referencesOf(values: ReadonlyMap<string, ChannelEntry>): Map<string, string> {
  const references = new Map<string, string>();
  for (const [channel, { stored }] of values) {
    if (stored.kind === 'blob') references.set(channel, stored.blob);
  }
  return references;
}

function inlineOf(values: ReadonlyMap<string, ChannelEntry>): Map<string, TypedBytes> {
  const inline = new Map<string, TypedBytes>();
  for (const [channel, { stored }] of values) {
    if (stored.kind === 'inline') inline.set(channel, stored.part);
  }
  return inline;
}
