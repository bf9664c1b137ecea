import { createHash } from 'node:crypto';
import type { ChannelVersions, SerializerProtocol } from '@langchain/langgraph-checkpoint';
import { currentValueOf, isList, takeSnapshots } from './channel-value.ts';
import type { ChannelEntry, CheckpointEntry } from './checkpoint-entry.ts';
import { CheckpointDataError } from './errors.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';
import { decodeRecord } from './stored-record.ts';
import { decodeStoredValue, type StoredValue } from './stored-value.ts';
import { load } from './typed-bytes.ts';

/** The stored values of one channel, newest tail first, each with the name of its blob. */
export type ValueChain = readonly { readonly blob: string; readonly content: Buffer }[];

export interface CheckpointReply {
  readonly ns: string;
  readonly id: string;
  readonly record: Buffer;
  readonly chains: ReadonlyMap<string, ValueChain>;
}

/**
 * Decodes what `read-checkpoint.lua` answered. Chains stop at the blobs of `known`, whose values are taken from there.
 * Throws CheckpointDataError where bytes are unreadable or a value that is referred to is gone.
 */
export async function decodeCheckpoint(
  key: string,
  reply: CheckpointReply,
  known: CheckpointEntry | undefined,
  serde: SerializerProtocol,
): Promise<CheckpointEntry> {
  const record = decodeRecord(reply.record);
  if (record === undefined) {
    throw new CheckpointDataError(key, `checkpoint ${reply.id} is not in this saver's format`);
  }
  const checkpoint: unknown = await load(record.checkpoint, serde);
  const values = new Map<string, ChannelEntry>();
  for (const [channel, part] of record.inline) {
    const live: unknown = await load(part, serde);
    // The reply's buffer is shared: a copy lets the rest of it go.
    const own = { type: part.type, bytes: Uint8Array.from(part.bytes) };
    values.set(channel, {
      live,
      snapshots: await takeSnapshots(live, serde),
      stored: { kind: 'inline', part: own },
    });
  }
  for (const [channel, blob] of record.blobs) {
    const place = `checkpoint ${reply.id}, channel ${JSON.stringify(channel)}`;
    values.set(
      channel,
      await decodeChannel(
        key,
        place,
        blob,
        reply.chains.get(channel) ?? [],
        known?.values.get(channel),
        serde,
      ),
    );
  }
  return {
    ns: reply.ns,
    id: reply.id,
    parentId: record.parentId,
    hasParentSends: record.hasParentSends,
    digest: digestOf(reply.record),
    versions: versionsOf(checkpoint),
    checkpoint: await takeSnapshot(checkpoint, serde),
    metadata: await takeSnapshot(await load(record.metadata, serde), serde),
    values,
  };
}

export function digestOf(record: Buffer): string {
  return createHash('sha1').update(record).digest('hex');
}

async function decodeChannel(
  key: string,
  place: string,
  blob: string,
  chain: ValueChain,
  known: ChannelEntry | undefined,
  serde: SerializerProtocol,
): Promise<ChannelEntry> {
  const links = chain.map((link) => decodeLink(key, place, link));
  const oldest = links.at(-1);
  if (oldest === undefined || oldest.previous !== undefined) {
    if (known?.stored.kind !== 'blob' || known.stored.blob !== (oldest?.previous ?? blob)) {
      throw new CheckpointDataError(key, `${place}: its stored value is missing`);
    }
    if (oldest === undefined) return known;
  } else if (links.length === 1) {
    const live: unknown = await load(oldest, serde);
    return { live, snapshots: await takeSnapshots(live, serde), stored: { kind: 'blob', blob, older: [] } };
  }
  const start = oldest.previous === undefined ? undefined : known;
  const older = [...chain.slice(1).map((link) => link.blob), ...blobsOf(start)];
  const stored = { kind: 'blob', blob, older } as const;
  return { ...(await joinList(key, place, links, start, serde)), stored };
}

function blobsOf(value: ChannelEntry | undefined): readonly string[] {
  return value?.stored.kind === 'blob' ? [value.stored.blob, ...value.stored.older] : [];
}

function decodeLink(key: string, place: string, link: { blob: string; content: Buffer }): StoredValue {
  const value = decodeStoredValue(link.content);
  if (value !== undefined) return value;
  const problem = link.content.length === 0 ? 'is missing' : "is not in this saver's format";
  throw new CheckpointDataError(key, `${place}: its stored value ${link.blob} ${problem}`);
}

/** Lays the tails of a list one after the other, oldest first, upon what is known already. */
async function joinList(
  key: string,
  place: string,
  links: readonly StoredValue[],
  start: ChannelEntry | undefined,
  serde: SerializerProtocol,
): Promise<{ live: unknown[]; snapshots: readonly Snapshot[] }> {
  const known = start === undefined ? [] : await currentValueOf(start, serde);
  const live: unknown[] = Array.isArray(known) ? [...known] : [];
  const snapshots: Snapshot[] = start !== undefined && isList(start.snapshots) ? [...start.snapshots] : [];
  for (const link of links.toReversed()) {
    const tail: unknown = await load(link, serde);
    if (!Array.isArray(tail) || link.keep > live.length) {
      throw new CheckpointDataError(key, `${place}: the parts of its list do not fit together`);
    }
    live.length = link.keep;
    snapshots.length = link.keep;
    live.push(...tail);
    const taken = await takeSnapshots(tail, serde);
    if (isList(taken)) snapshots.push(...taken);
  }
  return { live, snapshots };
}

function versionsOf(checkpoint: unknown): ChannelVersions {
  const versions: unknown = Object(checkpoint).channel_versions;
  // Trust boundary: only encodeRecord's caller writes this part, from a Checkpoint.
  return { ...(versions as ChannelVersions) };
}
