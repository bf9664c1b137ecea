import type { ChannelVersions } from '@langchain/langgraph-checkpoint';
import type { Snapshot } from './snapshot.ts';
import type { TypedBytes } from './typed-bytes.ts';

/**
 * A checkpoint as this process knows it: what Redis holds under `id`, decoded. Planning a save starts from the parent's
 * entry, and a read that finds the same `digest` in Redis needs nothing else from there.
 */
export interface CheckpointEntry {
  readonly ns: string;
  readonly id: string;
  readonly parentId: string | undefined;
  readonly hasParentSends: boolean;
  /** SHA-1 of the stored record. */
  readonly digest: string;
  readonly versions: Readonly<ChannelVersions>;
  /** The checkpoint without its channel values. */
  readonly checkpoint: Snapshot;
  readonly metadata: Snapshot;
  readonly values: ReadonlyMap<string, ChannelEntry>;
}

/** One channel value: the live object, what it was like when stored, and where it is stored. */
export interface ChannelEntry {
  /** Handed out as long as it still matches the snapshots. */
  readonly live: unknown;
  /** Of each element for a list, so that a continued list is compared and stored from its new tail on. */
  readonly snapshots: Snapshot | readonly Snapshot[];
  readonly stored: /** `older`: the blobs that this one continues, the newest first. */
    | { readonly kind: 'blob'; readonly blob: string; readonly older: readonly string[] }
    | { readonly kind: 'inline'; readonly part: TypedBytes };
}

/** A pending write as it is kept and sent: its field orders it by task and index. */
export interface WriteEntry {
  readonly field: string;
  readonly taskId: string;
  readonly channel: string;
  readonly value: TypedBytes;
}
