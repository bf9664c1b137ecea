import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import type { StreamName } from '#contract/bodies';
import type { ConsumerOptions } from './consumer-options.ts';
import { FencedError } from './errors.ts';
import { Fence } from './fence.ts';
import { keepHouse } from './keep-house.ts';
import { Lanes } from './lanes.ts';
import { Leases } from './leases.ts';
import { News } from './news.ts';
import { type Found, readNew, takePending } from './partition-reader.ts';
import { type Held, type Item, runEntry, toItem } from './run-entry.ts';
import { Signal } from './signal.ts';

/** A partition in our hands, from gaining its lease to losing it. */
interface Holding extends Held {
  readonly abort: AbortController;
  /** `take` what is pending first, then `read` what is new. */
  phase: 'take' | 'read';
  /** There may be something to read. */
  isDirty: boolean;
  /** Another member should have it: begin nothing more. */
  isSurplus: boolean;
  /** Stream ids behind which news will come. */
  ends: ReadonlyMap<StreamName, string>;
  /** Entries that wait or run, by stream and id. */
  readonly inHand: Set<string>;
  running: number;
}

export interface Consumer {
  /** Joins the group and works until `stop`. Rejects when Redis cannot be reached at the start. */
  start(): Promise<void>;
  /** Reads no more, finishes what runs within `graceMs`, hands the rest back. */
  stop(graceMs?: number): Promise<void>;
  /** Partitions whose lease this process has. */
  held(): readonly number[];
  /** True from joining the group until leaving it, also when there is no partition left to hold. */
  isMember(): boolean;
}

const readCount = 100;
const inHandPerPartition = 4_000;
const surplusGraceMs = 20_000;

/**
 * The consumer of one role: holds its share of the partitions by lease, takes over what is pending, reads what
 * is new, runs it in lanes, and ends each entry by one fenced commit or as a dead letter. See ARCHITECTURE.md.
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  return new StreamConsumer(options);
}

class StreamConsumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #fence: Fence;
  readonly #lanes: Lanes<Item>;
  readonly #leases: Leases;
  readonly #news: News;
  readonly #holdings = new Map<number, Holding>();
  /** There may be something to read. */
  readonly #toRead = new Signal();
  /** There may be other streams to watch than before. */
  readonly #toWatch = new Signal();
  readonly #loops: Promise<void>[] = [];
  readonly #stopping = new AbortController();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#fence = new Fence(options);
    this.#lanes = new Lanes(options.concurrency);
    this.#leases = new Leases(
      { ...options, leaseMs: this.#leaseMs },
      {
        onGained: (partition, epoch) => this.#gain(partition, epoch),
        onLost: (partition) => this.#lose(partition),
        onSurplus: (partition) => this.#setSurplus(partition, true),
        onKept: (partition) => this.#setSurplus(partition, false),
      },
    );
    this.#news = new News(options.connectBlocking, options.redis);
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? 5_000;
  }

  held(): readonly number[] {
    return [...this.#holdings.keys()].sort((a, b) => a - b);
  }

  isMember(): boolean {
    return this.#loops.length > 0 && !this.#stopping.signal.aborted;
  }

  async start(): Promise<void> {
    await this.#leases.tick();
    this.#loops.push(
      this.#forever('leases', this.#leaseMs / 3, () => this.#leases.tick()),
      this.#forever('house', this.#options.houseMs ?? 15_000, () => this.#keepHouse()),
      this.#readLoop(),
    );
    if (!(this.#options.redis instanceof Cluster)) this.#loops.push(this.#watchLoop());
  }

  async stop(graceMs = 20_000): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#toRead.fire();
    this.#toWatch.fire();
    this.#news.close();
    const timer = setTimeout(() => this.#abortAll(), graceMs);
    await this.#lanes.close();
    clearTimeout(timer);
    this.#abortAll();
    await Promise.all(this.#loops);
    await this.#leases.leave();
  }

  #abortAll(): void {
    for (const holding of this.#holdings.values()) holding.abort.abort();
  }

  #gain(partition: number, epoch: number): void {
    const abort = new AbortController();
    this.#holdings.set(partition, {
      partition,
      epoch,
      abort,
      signal: abort.signal,
      phase: 'take',
      isDirty: true,
      isSurplus: false,
      ends: new Map(),
      inHand: new Set(),
      running: 0,
    });
    this.#countMove('gained');
    if (this.#options.redis instanceof Cluster) this.#loops.push(this.#watchLoop(partition, epoch));
    this.#toRead.fire();
  }

  #lose(partition: number): void {
    const holding = this.#holdings.get(partition);
    if (holding === undefined) return;
    this.#holdings.delete(partition);
    holding.abort.abort();
    this.#lanes.drop(({ held }) => held === holding);
    this.#countMove('lost');
    this.#options.log.warn({ partition, epoch: holding.epoch }, 'lease lost');
  }

  #countMove(what: string): void {
    const { metrics, group } = this.#options;
    metrics.leaseMoves.inc({ group, what });
    metrics.held.set({ group }, this.#holdings.size);
  }

  #setSurplus(partition: number, isSurplus: boolean): void {
    const holding = this.#holdings.get(partition);
    if (holding === undefined) return;
    holding.isSurplus = isSurplus;
    if (isSurplus) {
      this.#lanes.drop(({ held }) => held === holding);
      setTimeout(() => holding.isSurplus && holding.abort.abort(), surplusGraceMs).unref();
      this.#giveBackIfIdle(holding);
    } else {
      holding.phase = 'take';
      holding.isDirty = true;
    }
    this.#toRead.fire();
  }

  #giveBackIfIdle(holding: Holding): void {
    if (!holding.isSurplus || holding.running > 0 || this.#holdings.get(holding.partition) !== holding)
      return;
    this.#holdings.delete(holding.partition);
    this.#countMove('given_back');
    this.#leases.giveBack(holding.partition).catch((error: unknown) => {
      this.#options.log.warn({ err: error, partition: holding.partition }, 'lease runs out by itself');
    });
  }

  /** Runs `work` every so often until the stop; what it throws is logged, and it runs again. */
  async #forever(name: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await sleep(everyMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      await work().catch((error: unknown) => this.#onRedisError(name, error));
    }
  }

  #onRedisError(where: string, error: unknown): void {
    this.#options.metrics.redisErrors.inc({ group: this.#options.group });
    this.#options.log.error({ err: error, where }, 'round failed, trying again');
  }

  async #readLoop(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const seen = this.#toRead.version;
      const hasFailed = await this.#readRound();
      if (!hasFailed) this.#options.beat();
      const isBusy = [...this.#holdings.values()].some((holding) => this.#isReadable(holding));
      if (hasFailed) await sleep(250 + Math.random() * 250);
      else if (!isBusy) await this.#toRead.after(seen, 1_000);
    }
  }

  #isReadable(holding: Holding): boolean {
    return holding.isDirty && !holding.isSurplus && holding.inHand.size < inHandPerPartition;
  }

  async #readRound(): Promise<boolean> {
    const readable = [...this.#holdings.values()].filter((holding) => this.#isReadable(holding));
    const results = await Promise.allSettled(readable.map((holding) => this.#read(holding)));
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      const holding = readable[index];
      // The answer may have been lost after Redis gave us entries: look for them before anything newer.
      if (holding !== undefined) holding.phase = 'take';
      if (result.reason instanceof FencedError) this.#leases.forget(result.reason.partition);
      else this.#onRedisError('read', result.reason);
    }
    this.#options.metrics.inHand.set({ group: this.#options.group }, this.#lanes.size);
    this.#toWatch.fire();
    return results.some(({ status }) => status === 'rejected');
  }

  async #read(holding: Holding): Promise<void> {
    const options = this.#options;
    const { partition, epoch } = holding;
    const reader = { maxEntryBytes: 256 * 1024, ...options };
    if (holding.phase === 'take') {
      holding.phase = 'read';
      for (const stream of options.streams) {
        const taken = await takePending(reader, partition, epoch, stream);
        options.metrics.lost.inc({ group: options.group }, taken.lost.length);
        for (const lost of taken.lost) options.onLost(lost);
        this.#accept(holding, taken.found);
      }
    }
    const { found, ends, groupsCreated } = await readNew(reader, partition, epoch, readCount);
    if (groupsCreated > 0) {
      options.metrics.groupsCreated.inc({ group: options.group }, groupsCreated);
      options.log.warn({ partition }, 'consumer group was missing and has been created at 0');
    }
    this.#accept(holding, found);
    holding.ends = ends;
    holding.isDirty = ends.size < options.streams.length;
  }

  #accept(holding: Holding, found: readonly Found[]): void {
    for (const one of found) {
      const name = `${one.stream} ${one.entryId}`;
      if (holding.inHand.has(name) || holding.signal.aborted) continue;
      holding.inHand.add(name);
      this.#options.metrics.delivered.inc({ group: this.#options.group });
      const { share, ...item } = toItem(this.#options, holding, one);
      this.#lanes.add(item.lane, share, { item, run: () => this.#run(holding, item, name) });
    }
  }

  async #run(holding: Holding, item: Item, name: string) {
    holding.running += 1;
    const deps = {
      options: this.#options,
      fence: this.#fence,
      lanes: this.#lanes,
      onFenced: (partition: number) => this.#leases.forget(partition),
    };
    const result = await runEntry(deps, item);
    holding.running -= 1;
    if (result === undefined) holding.inHand.delete(name);
    if (this.#isReadable(holding)) this.#toRead.fire();
    this.#giveBackIfIdle(holding);
    return result;
  }

  /** Waits for news in all clean partitions, or on Cluster in one of them, for as long as it is held. */
  async #watchLoop(partition?: number, epoch?: number): Promise<void> {
    const name = partition === undefined ? 'all' : String(partition);
    const isOver = () =>
      this.#stopping.signal.aborted ||
      (partition !== undefined && this.#holdings.get(partition)?.epoch !== epoch);
    while (!isOver()) {
      const seen = this.#toWatch.version;
      const watched = this.#watched(partition);
      if (watched.size === 0) {
        await this.#toWatch.after(seen, 1_000);
        continue;
      }
      try {
        const isOutdated = () => [...this.#watched(partition).keys()].some((key) => !watched.has(key));
        const news = await this.#news.wait(name, watched, this.#toWatch, isOutdated);
        if (news.length === 0) continue;
        const beforeReading = this.#toWatch.version;
        for (const key of news) this.#markDirty(key);
        this.#toRead.fire();
        await this.#toWatch.after(beforeReading, 1_000);
      } catch (error) {
        if (isOver()) break;
        this.#onRedisError('watch', error);
        for (const holding of this.#holdings.values()) holding.isDirty = true;
        await sleep(250 + Math.random() * 250);
      }
    }
    if (partition !== undefined) this.#news.closeOne(name);
  }

  #watched(partition: number | undefined): Map<string, string> {
    const watched = new Map<string, string>();
    for (const holding of this.#holdings.values()) {
      if (partition !== undefined && holding.partition !== partition) continue;
      if (holding.isDirty || holding.isSurplus) continue;
      for (const [stream, end] of holding.ends) {
        watched.set(this.#options.keys.stream(holding.partition, stream), end);
      }
    }
    return watched;
  }

  #markDirty(key: string): void {
    for (const holding of this.#holdings.values()) {
      const streams = this.#options.streams.map((stream) =>
        this.#options.keys.stream(holding.partition, stream),
      );
      if (streams.includes(key)) holding.isDirty = true;
    }
  }

  async #keepHouse(): Promise<void> {
    for (const holding of [...this.#holdings.values()]) {
      if (this.#stopping.signal.aborted || holding.isSurplus) continue;
      const isRestored = await keepHouse(this.#options, holding.partition, holding.epoch);
      if (!isRestored) continue;
      holding.phase = 'take';
      holding.isDirty = true;
      this.#toRead.fire();
    }
  }
}
