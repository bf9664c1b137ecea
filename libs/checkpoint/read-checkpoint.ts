import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';
import type { CheckpointEntry, WriteEntry } from './checkpoint-entry.ts';
import { decodeCheckpoint, type ValueChain } from './decode-checkpoint.ts';
import { CheckpointDataError } from './errors.ts';
import { decodeKeyPart, encodeKeyPart } from './key-part.ts';
import type { RedisClient } from './redis-client.ts';
import { runScript } from './run-script.ts';
import { decodeStoredWrite } from './stored-write.ts';
import { parseCheckpointField, parseTaskId, type ThreadKeys } from './thread-keys.ts';
import type { FoundCheckpoint } from './to-tuple.ts';

export interface CheckpointToRead {
  readonly keys: ThreadKeys;
  readonly ns: string;
  /** Undefined for the newest of the namespace. */
  readonly id: string | undefined;
  /** What the caller knows already; only the difference is fetched. */
  readonly known: CheckpointEntry | undefined;
  /** Lifetime to be restored when less than half of it is left. */
  readonly ttlMs: number | undefined;
  readonly isCounted: boolean;
}

/** Reads a checkpoint in one round trip; undefined where there is none. `count` is 0 unless asked for. */
export async function readCheckpoint(
  redis: RedisClient,
  read: CheckpointToRead,
  serde: SerializerProtocol,
): Promise<(FoundCheckpoint & { readonly count: number }) | undefined> {
  const { keys, ns, known } = read;
  const args = [
    encodeKeyPart(ns),
    encodeKeyPart(read.id ?? ''),
    known?.digest ?? '',
    String(read.ttlMs ?? 0),
    read.isCounted ? '1' : '0',
  ];
  for (const [channel, { stored }] of known?.values ?? []) {
    if (stored.kind === 'blob') args.push(encodeKeyPart(channel), stored.blob);
  }
  const reply = await runScript(redis, 'read-checkpoint', [keys.data, keys.index], args);
  if (reply === null) return undefined;
  const [field, record, writes, values, parentWrites, count] = listOf(keys, reply);
  const { id } = parseCheckpointField(bufferOf(keys, field).toString());
  const bytes = bufferOf(keys, record);
  const entry =
    bytes.length === 0 && known !== undefined
      ? known
      : await decodeCheckpoint(
          keys.data,
          { ns, id, record: bytes, chains: chainsOf(keys, values) },
          known,
          serde,
        );
  return {
    entry,
    writes: writesOf(keys, writes),
    parentWrites: writesOf(keys, parentWrites),
    count: Number(count),
  };
}

function chainsOf(keys: ThreadKeys, values: unknown): Map<string, ValueChain> {
  const chains = new Map<string, ValueChain>();
  for (const chain of listOf(keys, values)) {
    const [channel, ...links] = listOf(keys, chain).map((part) => bufferOf(keys, part));
    const pairs: { blob: string; content: Buffer }[] = [];
    for (let i = 0; i + 1 < links.length; i += 2) {
      const [blob, content] = links.slice(i, i + 2);
      if (blob !== undefined && content !== undefined) pairs.push({ blob: blob.toString(), content });
    }
    if (channel !== undefined) chains.set(decodeKeyPart(channel.toString()), pairs);
  }
  return chains;
}

function writesOf(keys: ThreadKeys, flat: unknown): WriteEntry[] {
  const parts = listOf(keys, flat).map((part) => bufferOf(keys, part));
  const writes: WriteEntry[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const field = (parts[i] ?? '').toString();
    const decoded = decodeStoredWrite(parts[i + 1] ?? Buffer.alloc(0));
    if (decoded === undefined)
      throw new CheckpointDataError(keys.data, `pending write ${field} is unreadable`);
    writes.push({ field, taskId: parseTaskId(field), ...decoded });
  }
  return writes;
}

function listOf(keys: ThreadKeys, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new CheckpointDataError(keys.data, 'the reading script answered something else than a list');
}

function bufferOf(keys: ThreadKeys, value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  throw new CheckpointDataError(keys.data, 'the reading script answered something else than bytes');
}
