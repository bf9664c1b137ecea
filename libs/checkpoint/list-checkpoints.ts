import type { RunnableConfig } from '@langchain/core/runnables';
import type {
  CheckpointListOptions,
  CheckpointTuple,
  SerializerProtocol,
} from '@langchain/langgraph-checkpoint';
import { CheckpointConfigError } from './errors.ts';
import { encodeKeyPart } from './key-part.ts';
import { matchesMetadata } from './matches-listing.ts';
import type { RedisClient } from './redis-client.ts';
import { decodeRecord } from './stored-record.ts';
import { checkpointField, parseCheckpointField, type ThreadKeys } from './thread-keys.ts';
import { type FoundCheckpoint, toTuple } from './to-tuple.ts';
import { load } from './typed-bytes.ts';

export interface CheckpointsToList {
  readonly redis: RedisClient;
  readonly serde: SerializerProtocol;
  readonly threadsKey: string | undefined;
  readonly keysOf: (threadId: string) => ThreadKeys;
  readonly read: (threadId: string, ns: string, id: string) => Promise<FoundCheckpoint | undefined>;
}

interface CheckpointPlace {
  readonly ns: string;
  readonly id: string;
}

const pageSize = 32;

/**
 * Yields the checkpoints of one thread, or thread by thread those of all, newest first. Without a namespace all
 * namespaces of the thread are mixed by age. Filter values are compared as wholes, nested ones too.
 */
export async function* listCheckpoints(
  from: CheckpointsToList,
  config: RunnableConfig,
  options: CheckpointListOptions,
): AsyncGenerator<CheckpointTuple> {
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for (const threadId of await threadIdsOf(from, config)) {
    const places = await placesOf(from, threadId, config, options);
    for (let start = 0; start < places.length; start += pageSize) {
      const page = places.slice(start, start + pageSize);
      const matching = await matchingPlaces(from, threadId, page, options.filter ?? {});
      for (const { ns, id } of matching) {
        if (left <= 0) return;
        const found = await from.read(threadId, ns, id);
        if (found === undefined) continue;
        left -= 1;
        yield toTuple(threadId, found, from.serde);
      }
    }
  }
}

async function threadIdsOf(from: CheckpointsToList, config: RunnableConfig): Promise<string[]> {
  const threadId: unknown = config.configurable?.['thread_id'];
  if (typeof threadId === 'string' && threadId !== '') return [threadId];
  if (from.threadsKey === undefined) {
    throw new CheckpointConfigError(
      'Cannot list the checkpoints of all threads: this saver keeps no list of threads. ' +
        'Give configurable.thread_id, or construct the saver with threadsKey',
    );
  }
  return from.redis.zrevrange(from.threadsKey, 0, -1);
}

async function placesOf(
  from: CheckpointsToList,
  threadId: string,
  config: RunnableConfig,
  options: CheckpointListOptions,
): Promise<CheckpointPlace[]> {
  const ns: unknown = config.configurable?.['checkpoint_ns'];
  const id: unknown = config.configurable?.['checkpoint_id'];
  const before: unknown = options.before?.configurable?.['checkpoint_id'];
  const { data, index } = from.keysOf(threadId);
  if (typeof ns === 'string' && typeof id === 'string' && id !== '') {
    const isThere = await from.redis.hexists(data, checkpointField(ns, id));
    return isThere === 1 && !(typeof before === 'string' && id >= before) ? [{ ns, id }] : [];
  }
  const prefix = typeof ns === 'string' ? `c:${encodeKeyPart(ns)}` : 'c';
  const fields = await from.redis.zrevrangebylex(index, `(${prefix};`, `[${prefix}:`);
  const places = fields
    .map(parseCheckpointField)
    .filter((place) => typeof id !== 'string' || id === '' || place.id === id)
    .filter((place) => typeof before !== 'string' || place.id < before);
  return typeof ns === 'string' ? places : places.sort((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
}

async function matchingPlaces(
  from: CheckpointsToList,
  threadId: string,
  page: readonly CheckpointPlace[],
  filter: Record<string, unknown>,
): Promise<CheckpointPlace[]> {
  if (Object.keys(filter).length === 0) return [...page];
  const fields = page.map(({ ns, id }) => checkpointField(ns, id));
  const records = await from.redis.hmgetBuffer(from.keysOf(threadId).data, ...fields);
  const matches = await Promise.all(
    records.map(async (bytes) => {
      const record = bytes === null ? undefined : decodeRecord(bytes);
      if (record === undefined) return false;
      return matchesMetadata(await load(record.metadata, from.serde), filter);
    }),
  );
  return page.filter((_, i) => matches[i]);
}
