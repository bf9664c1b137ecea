import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type PendingWrite,
} from '@langchain/langgraph-checkpoint';
import type { CheckpointEntry } from './checkpoint-entry.ts';
import { EntryCache } from './entry-cache.ts';
import { CheckpointConfigError } from './errors.ts';
import { executeWrites, type RedisRead } from './execute-writes.ts';
import { holdLists } from './hold-lists.ts';
import { encodeKeyPart } from './key-part.ts';
import { listCheckpoints } from './list-checkpoints.ts';
import { mergeWrites } from './merge-writes.ts';
import { type CheckpointPlan, planCheckpoint } from './plan-checkpoint.ts';
import { planWrites, writeCommands } from './plan-writes.ts';
import { readCheckpoint } from './read-checkpoint.ts';
import type { RedisClient } from './redis-client.ts';
import type { RedisSaverOptions } from './redis-saver-options.ts';
import type { RedisWrite } from './redis-write.ts';
import { runScript } from './run-script.ts';
import { threadConfigOf } from './thread-config.ts';
import { checkpointField, type ThreadKeys, threadKeys } from './thread-keys.ts';
import { createThreadList, type ThreadList } from './thread-list.ts';
import { type FoundCheckpoint, toTuple } from './to-tuple.ts';

export type { RedisSaverOptions } from './redis-saver-options.ts';

/**
 * LangGraph checkpoints on core Redis commands: Redis 7.0 or newer, Valkey, Sentinel, Cluster (a thread is one slot).
 * A save is idempotent and costs what is new: values that did not change are referred to, growing lists are continued.
 * Values handed out are shared with the cache of this process; changing one in place is noticed and never stored
 * unless LangGraph saves it.
 */
export class RedisSaver extends BaseCheckpointSaver {
  readonly #redis: RedisClient;
  readonly #keyOf: (threadId: string) => string;
  readonly #ttlMs: number | undefined;
  readonly #keep: number | undefined;
  readonly #threadsKey: string | undefined;
  readonly #threads: ThreadList;
  /** For BufferedSaver. */
  readonly mostParts: number;
  readonly #cache: EntryCache;

  constructor(options: RedisSaverOptions) {
    super(options.serde);
    requirePositive('ttlMs', options.ttlMs);
    requirePositive('keep', options.keep);
    requirePositive('mostParts', options.mostParts);
    this.#redis = options.redis;
    this.#keyOf = options.keyOf ?? ((threadId) => `checkpoint:{${encodeKeyPart(threadId)}}`);
    this.#ttlMs = options.ttlMs;
    this.#keep = options.keep;
    this.#threadsKey = options.threadsKey;
    const { redis, threadsKey: key, ttlMs } = options;
    this.#threads = createThreadList({ redis, key, ttlMs, keyOf: this.#keyOf });
    this.mostParts = options.mostParts ?? Number.POSITIVE_INFINITY;
    this.#cache = new EntryCache(options.cacheEntries ?? 256);
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    if (config.configurable?.['thread_id'] === undefined) return undefined;
    const { threadId, ns, id } = threadConfigOf(config, 'read a checkpoint');
    const found = await this.read(threadId, ns, id);
    return found && toTuple(threadId, found, this.serde);
  }

  override async *list(
    config: RunnableConfig,
    options?: CheckpointListOptions,
  ): AsyncGenerator<CheckpointTuple> {
    const from = {
      redis: this.#redis,
      serde: this.serde,
      threadsKey: this.#threadsKey,
      keysOf: (threadId: string) => this.keysOf(threadId),
      read: (threadId: string, ns: string, id: string) => this.#readOld(threadId, ns, id),
    };
    yield* listCheckpoints(from, config, options ?? {});
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId, ns, id: parentId } = threadConfigOf(config, 'put a checkpoint');
    const held = holdLists(checkpoint);
    const parent = parentId === undefined ? undefined : await this.entryOf(threadId, ns, parentId);
    const put = { ns, parentId, checkpoint: held, metadata, newVersions, mostParts: this.mostParts };
    let plan = await planCheckpoint({ ...put, parent }, this.serde);
    const guard = parentId === undefined ? undefined : checkpointField(ns, parentId);
    const outcome = await this.#execute(threadId, ns, this.checkpointWrites(threadId, plan), guard);
    if (parent !== undefined && !outcome.isGuardFound) {
      // The parent went in between (deleted, expired, pruned), perhaps with values referred to: store them all.
      plan = await planCheckpoint({ ...put, parent: undefined }, this.serde);
      await this.#execute(threadId, ns, this.checkpointWrites(threadId, plan), undefined);
    }
    this.remember(threadId, plan.entry);
    if (this.isPruneDue(outcome.count)) await this.prune(threadId);
    return { configurable: { thread_id: threadId, checkpoint_ns: ns, checkpoint_id: checkpoint.id } };
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    const { threadId, ns, id } = threadConfigOf(config, 'put writes');
    if (id === undefined) {
      throw new CheckpointConfigError('Cannot put writes: the config lacks configurable.checkpoint_id');
    }
    const planned = await planWrites(ns, id, taskId, writes, this.serde);
    const commands = [...writeCommands(this.keysOf(threadId), planned), ...this.expiryWrites(threadId)];
    await this.#execute(threadId, ns, commands, undefined);
  }

  override async deleteThread(threadId: string): Promise<void> {
    this.#cache.forget(threadId);
    await executeWrites(this.#redis, this.deletionWrites(threadId));
    await this.listThread(threadId, 'ZREM');
  }

  /**
   * Drops old checkpoints now; resolves to how many. `put` does it by itself from time to time. Never dropped are the
   * newest `keep` of a namespace, a checkpoint whose interrupt was not answered, nor a value that a kept one needs.
   */
  async prune(threadId: string): Promise<number> {
    if (this.#keep === undefined) return 0;
    const keys = this.keysOf(threadId);
    return Number(
      await runScript(this.#redis, 'prune-thread', [keys.data, keys.index], [String(this.#keep)]),
    );
  }

  keysOf(threadId: string): ThreadKeys {
    return threadKeys(this.#keyOf(threadId));
  }

  /** Reads a checkpoint through the cache in one round trip. For BufferedSaver. */
  async read(
    threadId: string,
    ns: string,
    id: string | undefined,
  ): Promise<(FoundCheckpoint & { readonly count: number }) | undefined> {
    const read = { ns, id, keys: this.keysOf(threadId), known: this.#cache.get(threadId, ns) };
    const isCounted = this.#keep !== undefined;
    const found = await readCheckpoint(this.#redis, { ...read, ttlMs: this.#ttlMs, isCounted }, this.serde);
    if (found !== undefined) this.remember(threadId, found.entry);
    return found;
  }

  /** What is known of a checkpoint, from the cache or else from Redis. For BufferedSaver. */
  async entryOf(threadId: string, ns: string, id: string): Promise<CheckpointEntry | undefined> {
    const cached = this.#cache.get(threadId, ns);
    return cached?.id === id ? cached : (await this.read(threadId, ns, id))?.entry;
  }

  /** The commands that store a planned checkpoint, expiry included. For BufferedSaver. */
  checkpointWrites(threadId: string, plan: CheckpointPlan): RedisWrite[] {
    const keys = this.keysOf(threadId);
    const field = checkpointField(plan.entry.ns, plan.entry.id);
    return [
      { command: 'HSET', key: keys.data, args: [...plan.fields].flat() },
      { command: 'ZADD', key: keys.index, args: ['0', field] },
      ...this.#threads.writesBeside(threadId, 'ZADD'),
      ...this.expiryWrites(threadId),
    ];
  }

  /** The commands that delete a thread. For BufferedSaver. */
  deletionWrites(threadId: string): RedisWrite[] {
    const { data, index } = this.keysOf(threadId);
    return [
      { command: 'DEL', key: data, args: [] },
      { command: 'DEL', key: index, args: [] },
      ...this.#threads.writesBeside(threadId, 'ZREM'),
    ];
  }

  expiryWrites(threadId: string): RedisWrite[] {
    if (this.#ttlMs === undefined) return [];
    const { data, index } = this.keysOf(threadId);
    return [data, index].map((key) => ({ command: 'PEXPIRE', key, args: [String(this.#ttlMs)] }));
  }

  /** Adds a thread to the list of threads, or removes it, where the save itself does not. For BufferedSaver. */
  listThread(threadId: string, command: 'ZADD' | 'ZREM'): Promise<void> {
    return this.#threads.writeApart(threadId, command);
  }

  /** Whether one checkpoint is all that is to be kept of a namespace. For BufferedSaver. */
  get keepsOnlyNewest(): boolean {
    return this.#keep === 1;
  }

  remember(threadId: string, entry: CheckpointEntry): void {
    this.#cache.set(threadId, entry);
  }

  forget(threadId: string): void {
    this.#cache.forget(threadId);
  }

  /** Whether so many more checkpoints than `keep` have gathered that pruning pays. For BufferedSaver. */
  isPruneDue(count: number): boolean {
    return this.#keep !== undefined && count >= this.#keep + Math.max(8, Math.ceil(this.#keep / 4));
  }

  /** Reads without remembering, so that going through a history does not drive the newest state from the cache. */
  #readOld(threadId: string, ns: string, id: string): Promise<FoundCheckpoint | undefined> {
    const known = this.#cache.get(threadId, ns);
    const read = { ns, id, known, keys: this.keysOf(threadId), ttlMs: undefined, isCounted: false };
    return readCheckpoint(this.#redis, read, this.serde);
  }

  async #execute(
    threadId: string,
    ns: string,
    writes: readonly RedisWrite[],
    guard: string | undefined,
  ): Promise<{ isGuardFound: boolean; count: number }> {
    // An id too many in the list of threads does no harm, one too few would: so it goes first.
    await this.listThread(threadId, 'ZADD');
    const keys = this.keysOf(threadId);
    const prefix = checkpointField(ns, '').slice(0, -1);
    const reads: RedisRead[] = [];
    if (guard !== undefined) reads.push({ command: 'HEXISTS', key: keys.data, args: [guard] });
    if (this.#keep !== undefined) {
      reads.push({ command: 'ZLEXCOUNT', key: keys.index, args: [`[${prefix}:`, `(${prefix};`] });
    }
    const answers = await executeWrites(this.#redis, mergeWrites(writes), reads);
    const isGuardFound = guard === undefined || answers[0] === 1;
    return { isGuardFound, count: this.#keep === undefined ? 0 : (answers.at(-1) ?? 0) };
  }
}

function requirePositive(option: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return;
  throw new CheckpointConfigError(`RedisSaver: ${option} must be a whole number above 0, not ${value}`);
}
