import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import type { ConsumerOptions } from './consumer-options.ts';
import { FencedError } from './errors.ts';
import { Fence } from './fence.ts';
import { createHolding, type Holding, nameOf } from './holding.ts';
import { type Item, toItem } from './item.ts';
import { keepHouse } from './keep-house.ts';
import { Lanes } from './lanes.ts';
import { Leases } from './leases.ts';
import { measureBacklog } from './measure-backlog.ts';
import { News } from './news.ts';
import type { Found } from './partition-reader.ts';
import { type ReadDeps, readHolding } from './read-holding.ts';
import { type RunDeps, runEntry } from './run-entry.ts';
import { Signal } from './signal.ts';
import { beginCounters } from './stream-metrics.ts';
import { type Watched, watchStreams } from './watch-streams.ts';

export interface Consumer {
  /** Joins the group and works until `stop`. Rejects when Redis cannot be reached at the start. */
  start(): Promise<void>;
  /** Reads no more, finishes what runs within `graceMs`, hands the rest back. */
  stop(graceMs?: number): Promise<void>;
  /** Partitions whose lease this process has. */
  held(): readonly number[];
  /** Everybody who was alive at the last heartbeat, by their names in the group. */
  members(): readonly string[];
  /** True from joining the group until leaving it, also when there is no partition left to hold. */
  isMember(): boolean;
}

const inHandPerPartition = 4_000;
const surplusGraceMs = 20_000;
const blockedPauseMs = 1_000;
/** How long leaving may take after the last job: leases run out by themselves, a stop must end. */
const leaveMs = 3_000;

/**
 * The consumer of one role: holds its share of the partitions by lease, takes over what is pending, reads what
 * is new, runs it in lanes, and ends each entry by one fenced commit or as a dead letter. See ARCHITECTURE.md.
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  return new StreamConsumer(options);
}

class StreamConsumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #readDeps: ReadDeps;
  readonly #running: RunDeps;
  readonly #lanes: Lanes<Item>;
  readonly #leases: Leases;
  readonly #news: News;
  readonly #isCluster: boolean;
  readonly #holdings = new Map<number, Holding>();
  /** There may be something to read. */
  readonly #toRead = new Signal();
  /** There may be other streams to watch than before. */
  readonly #toWatch = new Signal();
  readonly #loops = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #reading = 0;
  #hasRead = false;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#readDeps = { options, accept: (holding, found) => this.#accept(holding, found) };
    this.#isCluster = options.redis instanceof Cluster;
    this.#lanes = new Lanes(options.concurrency, options.shareConcurrency);
    this.#leases = new Leases(
      { ...options, leaseMs: this.#leaseMs },
      {
        onGained: (partition, epoch) => this.#gain(partition, epoch),
        onLost: (partition) => this.#lose(partition),
        onSurplus: (partition) => this.#setSurplus(partition),
        onKept: (partition) => this.#keep(partition),
        onMembers: (count) => options.metrics.members.set({ group: options.group }, count),
      },
    );
    options.metrics.partitions.set({ group: options.group }, options.partitions);
    beginCounters(options.metrics, options.group);
    this.#news = new News(options.connectBlocking, options.redis);
    this.#running = {
      options,
      fence: new Fence(options),
      lanes: this.#lanes,
      suspects: { isRunning: false },
      onFenced: ({ partition, epoch }) => this.#leases.forget(partition, epoch),
    };
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? 5_000;
  }

  held(): readonly number[] {
    return [...this.#holdings.keys()].sort((a, b) => a - b);
  }

  members(): readonly string[] {
    return this.#leases.members;
  }

  isMember(): boolean {
    return this.#loops.size > 0 && !this.#stopping.signal.aborted;
  }

  async start(): Promise<void> {
    await this.#leases.tick();
    this.#keepRunning(this.#forever('leases', this.#leaseMs / 3, () => this.#leases.tick()));
    this.#keepRunning(this.#forever('house', this.#options.houseMs ?? 15_000, () => this.#keepHouse()));
    const backlogMs = this.#options.backlogMs ?? 5_000;
    this.#keepRunning(this.#forever('backlog', backlogMs, () => measureBacklog(this.#options, this.held())));
    this.#keepRunning(this.#readLoop());
    if (!this.#isCluster) this.#keepRunning(this.#watchLoop());
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
    const left = Promise.all(this.#loops).then(() => this.#leases.leave());
    const leaving = left.catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'leases run out by themselves');
    });
    await Promise.race([leaving, sleep(leaveMs, undefined, { ref: false })]);
  }

  #keepRunning(loop: Promise<void>): void {
    this.#loops.add(loop);
    void loop.finally(() => this.#loops.delete(loop));
  }

  #abortAll(): void {
    for (const holding of this.#holdings.values()) holding.abort.abort();
  }

  #gain(partition: number, epoch: number): void {
    this.#holdings.set(partition, createHolding(partition, epoch));
    this.#countMove('gained');
    if (this.#isCluster) this.#keepRunning(this.#watchLoop(partition, epoch));
    this.#toRead.fire();
  }

  #lose(partition: number): void {
    const holding = this.#holdings.get(partition);
    if (holding === undefined) return;
    this.#letGo(holding, 'lost');
    this.#options.log.warn({ partition, epoch: holding.epoch }, 'lease lost');
  }

  /** Ends everything that was going on under a lease, except for jobs that run: their signal is aborted. */
  #letGo(holding: Holding, what: 'lost' | 'given_back'): void {
    this.#holdings.delete(holding.partition);
    holding.abort.abort();
    clearTimeout(holding.surplusTimer);
    clearTimeout(holding.blockedTimer);
    this.#dropWaiting(holding);
    this.#countMove(what);
  }

  #dropWaiting(holding: Holding): void {
    for (const item of this.#lanes.drop(({ held }) => held === holding)) {
      holding.inHand.delete(nameOf(item.found));
    }
  }

  #countMove(what: string): void {
    const { metrics, group } = this.#options;
    metrics.leaseMoves.inc({ group, what });
    metrics.held.set({ group }, this.#holdings.size);
  }

  #setSurplus(partition: number): void {
    const holding = this.#holdings.get(partition);
    if (holding === undefined) return;
    holding.isSurplus = true;
    this.#dropWaiting(holding);
    holding.surplusTimer = setTimeout(() => holding.abort.abort(), surplusGraceMs).unref();
    this.#giveBackIfIdle(holding);
  }

  #keep(partition: number): void {
    const holding = this.#holdings.get(partition);
    if (holding === undefined) return;
    clearTimeout(holding.surplusTimer);
    if (holding.signal.aborted) {
      this.#holdings.set(partition, createHolding(partition, holding.epoch));
    } else {
      holding.isSurplus = false;
      holding.phase = 'take';
      holding.isDirty = true;
    }
    this.#toRead.fire();
  }

  #giveBackIfIdle(holding: Holding): void {
    if (!holding.isSurplus || holding.running > 0 || this.#holdings.get(holding.partition) !== holding)
      return;
    this.#letGo(holding, 'given_back');
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

  /** Reads each partition by itself, so that one that hangs or fails holds up no other. */
  async #readLoop(): Promise<void> {
    const reads = new Set<Promise<void>>();
    while (!this.#stopping.signal.aborted) {
      const seen = this.#toRead.version;
      for (const holding of this.#holdings.values()) {
        if (!this.#isReadable(holding)) continue;
        const read = this.#readOnce(holding);
        reads.add(read);
        void read.finally(() => reads.delete(read));
      }
      // Progress is an answer from Redis, or that there is nothing to ask for.
      if (this.#hasRead || reads.size === 0) this.#options.beat();
      this.#hasRead = false;
      await this.#toRead.after(seen, 1_000);
    }
    await Promise.all(reads);
  }

  #isReadable(holding: Holding): boolean {
    const isOpen = !holding.isReading && !holding.isSurplus && !holding.signal.aborted;
    return isOpen && holding.isDirty && holding.inHand.size < inHandPerPartition;
  }

  async #readOnce(holding: Holding): Promise<void> {
    holding.isReading = true;
    this.#reading += 1;
    try {
      await readHolding(this.#readDeps, holding);
      this.#watchBlocked(holding);
      this.#hasRead = true;
    } catch (error) {
      // The answer may have been lost after Redis gave us entries: look for them before anything newer.
      holding.phase = 'take';
      if (error instanceof FencedError) {
        this.#leases.forget(holding.partition, holding.epoch);
      } else {
        this.#onRedisError('read', error);
        await sleep(250 + Math.random() * 250, undefined, { signal: holding.signal }).catch(() => undefined);
      }
    }
    holding.isReading = false;
    this.#reading -= 1;
    this.#options.metrics.inHand.set({ group: this.#options.group }, this.#lanes.size);
    if (this.#isReadable(holding)) this.#toRead.fire();
    // One connection watches all partitions: it would be woken again for each that is read.
    if (this.#isCluster || this.#reading === 0) this.#toWatch.fire();
  }

  /** Looks again at streams whose key holds something else. */
  #watchBlocked(holding: Holding): void {
    const { metrics, group } = this.#options;
    const all = [...this.#holdings.values()].reduce((sum, one) => sum + one.blocked.length, 0);
    metrics.blocked.set({ group }, all);
    if (holding.blocked.length === 0) return;
    clearTimeout(holding.blockedTimer);
    holding.blockedTimer = setTimeout(() => this.#markDirty(holding), blockedPauseMs).unref();
  }

  #accept(holding: Holding, found: readonly Found[]): void {
    // What is not accepted stays pending, for us or for another member.
    if (holding.signal.aborted || holding.isSurplus || this.#stopping.signal.aborted) return;
    let accepted = 0;
    for (const one of found) {
      const name = nameOf(one);
      if (holding.inHand.has(name)) continue;
      holding.inHand.add(name);
      accepted += 1;
      const { share, ...item } = toItem(this.#options, holding, one);
      this.#lanes.add(item.lane, share, { item, run: () => this.#run(holding, item, name) });
    }
    const { metrics, group } = this.#options;
    if (accepted > 0) metrics.delivered.inc({ group }, accepted);
  }

  async #run(holding: Holding, item: Item, name: string) {
    holding.running += 1;
    const result = await runEntry(this.#running, item);
    holding.running -= 1;
    if (result === undefined) holding.inHand.delete(name);
    if (this.#isReadable(holding)) this.#toRead.fire();
    this.#giveBackIfIdle(holding);
    return result;
  }

  /** Waits for news in all clean partitions, or on Cluster in one of them, for as long as it is held. */
  async #watchLoop(partition?: number, epoch?: number): Promise<void> {
    const name = partition === undefined ? 'all' : `${partition} ${epoch}`;
    await watchStreams({
      news: this.#news,
      name,
      watched: () => this.#watched(partition),
      changed: this.#toWatch,
      isOver: () =>
        this.#stopping.signal.aborted ||
        (partition !== undefined && this.#holdings.get(partition)?.epoch !== epoch),
      onNews: (holding) => this.#markDirty(holding),
      onError: (error) => this.#onRedisError('watch', error),
    });
    if (partition !== undefined) this.#news.closeOne(name);
  }

  #watched(partition: number | undefined): Watched {
    const watched = new Map<string, { end: string; holding: Holding }>();
    for (const holding of this.#holdings.values()) {
      if (partition !== undefined && holding.partition !== partition) continue;
      if (holding.isDirty || holding.isSurplus) continue;
      for (const [stream, end] of holding.positions) {
        watched.set(this.#options.keys.stream(holding.partition, stream), { end, holding });
      }
    }
    return watched;
  }

  #markDirty(holding: Holding): void {
    holding.isDirty = true;
    this.#toRead.fire();
  }

  async #keepHouse(): Promise<void> {
    for (const holding of [...this.#holdings.values()]) {
      if (this.#stopping.signal.aborted || holding.isSurplus) continue;
      try {
        if (await keepHouse(this.#options, holding.partition, holding.epoch)) holding.phase = 'take';
      } catch (error) {
        this.#onRedisError('house', error);
      }
      // One read in every round, news or not: it finds a group or a stream that was removed by hand.
      this.#markDirty(holding);
    }
  }
}
