import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import type { ConsumerOptions } from './consumer-options.ts';
import { Fence } from './fence.ts';
import type { Holding } from './holding.ts';
import { Holdings } from './holdings.ts';
import type { Held, Item } from './item.ts';
import { keepHouse } from './keep-house.ts';
import { Lanes } from './lanes.ts';
import { measureBacklog } from './measure-backlog.ts';
import { News } from './news.ts';
import { Outages } from './outages.ts';
import { ReadLoop } from './read-loop.ts';
import { Signal } from './signal.ts';
import { beginCounters } from './stream-metrics.ts';
import { type TakeInHandDeps, takeInHand } from './take-in-hand.ts';
import { uncountAttempt } from './uncount-attempt.ts';
import { type WatchHoldingsDeps, watchHoldings } from './watch-holdings.ts';

export interface Consumer {
  /** Joins the group and works until `stop`. Rejects when Redis cannot be reached at the start. */
  start(): Promise<void>;
  /**
   * Reads no more, finishes what runs within `graceMs`, its leases kept meanwhile, and hands the rest back: what has
   * nothing running at once.
   */
  stop(graceMs?: number): Promise<void>;
  /** Partitions whose lease this process has. */
  held(): readonly number[];
  /** Everybody who was alive at the last heartbeat, by their names in the group. */
  members(): readonly string[];
  /** True from joining the group until leaving it, also when there is no partition left to hold. */
  isMember(): boolean;
}

/** How long leaving may take after the last job: leases run out by themselves, a stop must end. */
const leaveMs = 3_000;

/**
 * The consumer of one role: claims its share of the partitions by lease (`holdings.ts`), takes over what is pending and
 * reads what is new (`read-loop.ts`, `read-holding.ts`), runs it in lanes (`run-entry.ts`), settles it by one fenced
 * commit (`write-end.ts`) or a later try (`settle-failure.ts`), or buries it (`bury-entry.ts`). See ARCHITECTURE.md.
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  return new StreamConsumer(options);
}

class StreamConsumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #leaseMs: number;
  readonly #lanes: Lanes<Item>;
  readonly #holdings: Holdings;
  readonly #reading: ReadLoop;
  readonly #watching: WatchHoldingsDeps;
  readonly #outages: Outages;
  readonly #isCluster: boolean;
  readonly #toRead = new Signal();
  readonly #toWatch = new Signal();
  readonly #loops = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  /** Nothing runs any more. */
  readonly #drained = new AbortController();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 5_000;
    this.#isCluster = options.redis instanceof Cluster;
    const lanes = new Lanes<Item>(options.concurrency, options.shareConcurrency);
    const holdings = new Holdings({
      options,
      leaseMs: this.#leaseMs,
      lanes,
      onGained: (holding) => this.#onGained(holding),
      onKept: () => this.#toRead.fire(),
    });
    const shared = {
      ...{ options, lanes, holdings, toRead: this.#toRead, toWatch: this.#toWatch },
      ...{ isCluster: this.#isCluster, stopping: this.#stopping.signal },
      onError: (where: string, error: unknown) => this.#onRedisError(where, error),
    };
    const fence = new Fence(options);
    this.#outages = new Outages(options.redis);
    const onFenced = (held: Held) => holdings.forget(held);
    const suspects = { isRunning: false };
    const running: TakeInHandDeps = { ...shared, fence, outages: this.#outages, suspects, onFenced };
    const reading = new ReadLoop({
      ...shared,
      accept: (holding, found) => takeInHand(running, holding, found),
    });
    const news = new News(options.connectBlocking, options.redis);
    this.#watching = { ...shared, news, onNews: (holding) => reading.markDirty(holding) };
    this.#lanes = lanes;
    this.#holdings = holdings;
    this.#reading = reading;
    options.metrics.partitions.set({ group: options.group }, options.partitions);
    beginCounters(options.metrics, options.group);
  }

  held(): readonly number[] {
    return this.#holdings.partitions();
  }

  members(): readonly string[] {
    return this.#holdings.members();
  }

  isMember(): boolean {
    return this.#loops.size > 0 && !this.#stopping.signal.aborted;
  }

  async start(): Promise<void> {
    await this.#holdings.tick();
    const { houseMs = 15_000, backlogMs = 5_000 } = this.#options;
    this.#keepRunning(this.#keepLeases());
    this.#keepRunning(this.#forever('house', houseMs, () => this.#keepHouse()));
    this.#keepRunning(this.#forever('backlog', backlogMs, () => measureBacklog(this.#options, this.held())));
    this.#keepRunning(this.#reading.run());
    if (!this.#isCluster) this.#keepRunning(watchHoldings(this.#watching));
  }

  async stop(graceMs = 20_000): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#holdings.retire();
    this.#stopping.abort();
    this.#toRead.fire();
    this.#toWatch.fire();
    this.#watching.news.close();
    const timer = setTimeout(() => this.#holdings.abortAll(), graceMs);
    const uncounted = this.#lanes.drop(() => true).map((item) => uncountAttempt(this.#options, item));
    await this.#lanes.close();
    clearTimeout(timer);
    this.#holdings.abortAll();
    this.#drained.abort();
    const left = Promise.all([...this.#loops, ...uncounted]).then(() => this.#holdings.leave());
    const leaving = left.catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'leases run out by themselves');
    });
    await Promise.race([leaving, sleep(leaveMs, undefined, { ref: false })]);
    this.#outages.end();
  }

  #keepRunning(loop: Promise<void>): void {
    this.#loops.add(loop);
    void loop.finally(() => this.#loops.delete(loop));
  }

  #onGained(holding: Holding): void {
    if (this.#isCluster) this.#keepRunning(watchHoldings(this.#watching, holding));
    this.#toRead.fire();
  }

  /** Goes on through the stop: what still runs then is lost with its lease. */
  async #keepLeases(): Promise<void> {
    const [stopping, drained] = [this.#stopping.signal, this.#drained.signal];
    while (!drained.aborted) {
      const signal = stopping.aborted ? drained : stopping;
      await sleep(this.#leaseMs / 3, undefined, { signal }).catch(() => undefined);
      if (drained.aborted) return;
      await this.#holdings.tick().catch((error: unknown) => this.#onRedisError('leases', error));
    }
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

  async #keepHouse(): Promise<void> {
    for (const holding of [...this.#holdings.all()]) {
      if (this.#stopping.signal.aborted || holding.isSurplus) continue;
      try {
        if (await keepHouse(this.#options, holding.partition, holding.epoch)) holding.phase = 'take';
      } catch (error) {
        this.#onRedisError('house', error);
      }
      // One read in every round, news or not: it finds a group or a stream that was removed by hand.
      this.#reading.markDirty(holding);
    }
  }
}
