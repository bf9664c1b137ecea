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
import { CheckpointConfigError } from './errors.ts';
import { holdLists } from './hold-lists.ts';
import { isSamePlace } from './is-same-place.ts';
import { matchesListing } from './matches-listing.ts';
import { mergeWrites } from './merge-writes.ts';
import { isNew, placeOf } from './place-of.ts';
import { planCheckpoint } from './plan-checkpoint.ts';
import { planWrites, writeCommands } from './plan-writes.ts';
import type { RedisSaver } from './redis-saver.ts';
import type { RedisWrite } from './redis-write.ts';
import { type Save, SaveBuffer } from './save-buffer.ts';
import { type NewestStored, supersedingWrites } from './superseding-writes.ts';
import { threadConfigOf } from './thread-config.ts';
import { type FoundCheckpoint, toTuple } from './to-tuple.ts';

/**
 * The saver of one turn: reads through to a RedisSaver, keeps what the graph saves in memory (its own reads see it),
 * and gives it away as plain commands for the one atomic commit that ends the turn. Nothing reaches Redis from here.
 * After the commit call `committed()`, after a refused or failed one `discarded()`.
 */
export class BufferedSaver extends BaseCheckpointSaver {
  readonly #saver: RedisSaver;
  readonly #buffer = new SaveBuffer();
  readonly #counts = new Map<string, number>();
  /** The newest stored checkpoints as they were read first: until the commit nobody but this turn may write them. */
  readonly #newest = new Map<string, Promise<FoundCheckpoint | undefined>>();
  /** Of the root namespace of each thread, the newest that is stored, once it was asked for. */
  readonly #found = new Map<string, NewestStored>();

  constructor(saver: RedisSaver) {
    super(saver.serde);
    this.#saver = saver;
  }

  /**
   * Everything not yet committed, as unconditional commands of one key each, in the order in which they must run.
   * Running them again gives the same result. Empty when there is nothing to write.
   */
  takeWrites(): RedisWrite[] {
    const saves = this.#buffer.take();
    const created = new Set(saves.flatMap((save) => (isNew(save) ? [placeOf(save)] : [])));
    const superseding = supersedingWrites(saves, this.#found, this.#saver);
    const writes = saves.flatMap((save): RedisWrite[] => {
      if (save.kind === 'deletion') return this.#saver.deletionWrites(save.threadId);
      if (save.kind === 'checkpoint') return this.#saver.checkpointWrites(save.threadId, save.plan);
      const isCreated = created.has(placeOf(save));
      return [
        ...writeCommands(this.#saver.keysOf(save.threadId), this.#effective(save, isCreated), isCreated),
        ...this.#saver.expiryWrites(save.threadId),
      ];
    });
    return mergeWrites([...superseding, ...writes]);
  }

  /**
   * The writes taken last are in Redis. Rejects only when what follows a commit fails: pruning, where it is due, or the
   * saver's list of threads, where that lies in another slot. The commit stands, and a later turn does both again.
   */
  async committed(): Promise<void> {
    this.#newest.clear();
    this.#found.clear();
    const stored = this.#buffer.acknowledge();
    const due = new Set<string>();
    for (const save of stored) {
      if (save.kind === 'deletion') {
        this.#saver.forget(save.threadId);
        continue;
      }
      if (save.kind === 'writes') continue;
      this.#saver.remember(save.threadId, save.plan.entry);
      const place = JSON.stringify([save.threadId, save.plan.entry.ns]);
      const count = (this.#counts.get(place) ?? 0) + 1;
      this.#counts.set(place, count);
      if (this.#saver.isPruneDue(count)) due.add(save.threadId);
    }
    // The last save of a thread tells whether it exists: what was saved before a deletion is not stored.
    const last = new Map(stored.map((save) => [save.threadId, save.kind]));
    for (const [threadId, kind] of last) {
      await this.#saver.listThread(threadId, kind === 'deletion' ? 'ZREM' : 'ZADD');
      if (due.has(threadId)) await this.#saver.prune(threadId);
    }
  }

  /** Nothing that was saved here became true: forgets it, and what the cache knew of its threads. */
  discarded(): void {
    this.#newest.clear();
    this.#found.clear();
    for (const save of this.#buffer.clear()) this.#saver.forget(save.threadId);
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    if (config.configurable?.['thread_id'] === undefined) return undefined;
    const { threadId, ns, id } = threadConfigOf(config, 'read a checkpoint');
    const found = await this.#read(threadId, ns, id);
    return found && toTuple(threadId, found, this.serde);
  }

  override async *list(
    config: RunnableConfig,
    options: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const { limit = Number.POSITIVE_INFINITY, ...others } = options;
    const waiting = await this.#bufferedTuples(config, others);
    const isDeleted = (tuple: CheckpointTuple) =>
      this.#buffer.isDeleted(String(tuple.config.configurable?.['thread_id']));
    let left = limit;
    for await (const stored of this.#saver.list(config, others)) {
      if (isDeleted(stored) || waiting.some((tuple) => isSamePlace(tuple, stored))) continue;
      while (waiting[0] !== undefined && waiting[0].checkpoint.id > stored.checkpoint.id) {
        if (left-- <= 0) return;
        yield waiting.shift() ?? stored;
      }
      if (left-- <= 0) return;
      yield this.#withOwnWrites(stored);
    }
    for (const tuple of waiting) {
      if (left-- <= 0) return;
      yield tuple;
    }
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId, ns, id: parentId } = threadConfigOf(config, 'put a checkpoint');
    const held = holdLists(checkpoint);
    const parent = parentId === undefined ? undefined : await this.#entryOf(threadId, ns, parentId);
    const put = {
      ns,
      parentId,
      parent,
      checkpoint: held,
      metadata,
      newVersions,
      mostParts: this.#saver.mostParts,
    };
    const plan = await planCheckpoint(put, this.serde);
    this.#buffer.add({ kind: 'checkpoint', threadId, plan });
    return { configurable: { thread_id: threadId, checkpoint_ns: ns, checkpoint_id: checkpoint.id } };
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    const { threadId, ns, id } = threadConfigOf(config, 'put writes');
    if (id === undefined) {
      throw new CheckpointConfigError('Cannot put writes: the config lacks configurable.checkpoint_id');
    }
    const planned = await planWrites(ns, id, taskId, writes, this.serde);
    this.#buffer.add({ kind: 'writes', threadId, ns, id, writes: planned });
  }

  /** Part of the commit like any other save: the thread is gone once it is committed. */
  override async deleteThread(threadId: string): Promise<void> {
    this.#buffer.addDeletion(threadId);
  }

  async #read(threadId: string, ns: string, id: string | undefined): Promise<FoundCheckpoint | undefined> {
    const buffered = this.#buffer.entries(threadId).filter((entry) => entry.ns === ns);
    const newest = buffered.reduce<CheckpointEntry | undefined>(
      (best, entry) => (best === undefined || entry.id > best.id ? entry : best),
      undefined,
    );
    const stored = await (id === undefined
      ? this.#readNewest(threadId, ns)
      : this.#readStored(threadId, ns, id));
    const own = id === undefined ? newest : buffered.find((entry) => entry.id === id);
    const isOwn = own !== undefined && (stored === undefined || own.id >= stored.entry.id);
    const entry = isOwn ? own : stored?.entry;
    if (entry === undefined) return undefined;
    const storedWrites = stored?.entry.id === entry.id ? stored.writes : [];
    const { parentId } = entry;
    const parent =
      entry.hasParentSends && parentId !== undefined ? await this.#read(threadId, ns, parentId) : undefined;
    return {
      entry,
      writes: this.#buffer.writesOver(storedWrites, threadId, ns, entry.id),
      parentWrites: parent?.writes ?? [],
    };
  }

  #readNewest(threadId: string, ns: string): Promise<FoundCheckpoint | undefined> {
    if (this.#buffer.isDeleted(threadId)) return Promise.resolve(undefined);
    const place = JSON.stringify([threadId, ns]);
    const reading = this.#newest.get(place) ?? this.#readStored(threadId, ns, undefined);
    this.#newest.set(place, reading);
    // What failed is asked for again.
    reading.catch(() => this.#newest.delete(place));
    return reading;
  }

  async #readStored(
    threadId: string,
    ns: string,
    id: string | undefined,
  ): Promise<FoundCheckpoint | undefined> {
    if (this.#buffer.isDeleted(threadId)) return undefined;
    const found = await this.#saver.read(threadId, ns, id);
    if (found !== undefined) this.#counts.set(JSON.stringify([threadId, ns]), found.count);
    if (found !== undefined && ns === '' && id === undefined) this.#found.set(threadId, found);
    return found;
  }

  async #entryOf(threadId: string, ns: string, id: string): Promise<CheckpointEntry | undefined> {
    const buffered = this.#buffer.entries(threadId).findLast((entry) => entry.ns === ns && entry.id === id);
    if (buffered !== undefined || this.#buffer.isDeleted(threadId)) return buffered;
    return this.#saver.entryOf(threadId, ns, id);
  }

  async #bufferedTuples(
    config: RunnableConfig,
    options: Omit<CheckpointListOptions, 'limit'>,
  ): Promise<CheckpointTuple[]> {
    const tuples: CheckpointTuple[] = [];
    for (const threadId of this.#buffer.threadIds()) {
      for (const entry of this.#buffer.entries(threadId)) {
        const found = await this.#read(threadId, entry.ns, entry.id);
        const tuple = found && (await toTuple(threadId, found, this.serde));
        if (tuple !== undefined && matchesListing(tuple, config, options)) tuples.push(tuple);
      }
    }
    return tuples.sort((a, b) => (a.checkpoint.id < b.checkpoint.id ? 1 : -1));
  }

  async #withOwnWrites(stored: CheckpointTuple): Promise<CheckpointTuple> {
    return (await this.getTuple(stored.config)) ?? stored;
  }

  /** In a checkpoint made by this very buffer, the first write of a task counts: later ones need not be sent. */
  #effective(save: Save & { kind: 'writes' }, isCreated: boolean) {
    if (!isCreated) return save.writes;
    const valid = new Set(this.#buffer.writesOver([], save.threadId, save.ns, save.id));
    return save.writes.filter((write) => valid.has(write));
  }
}
