import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerOptions } from './consumer-options.ts';
import { FencedError } from './errors.ts';
import type { Holding } from './holding.ts';
import type { Holdings } from './holdings.ts';
import type { Item } from './item.ts';
import type { Lanes } from './lanes.ts';
import { type ReadDeps, readHolding } from './read-holding.ts';
import type { Signal } from './signal.ts';

export interface ReadLoopDeps {
  readonly options: ConsumerOptions;
  readonly holdings: Holdings;
  readonly lanes: Pick<Lanes<Item>, 'size'>;
  readonly accept: ReadDeps['accept'];
  /** There may be something to read. */
  readonly toRead: Signal;
  /** There may be other streams to watch than before. */
  readonly toWatch: Signal;
  /** On Cluster each partition is watched by itself. */
  readonly isCluster: boolean;
  readonly stopping: AbortSignal;
  readonly onError: (where: string, error: unknown) => void;
}

const inHandPerPartition = 4_000;
const blockedPauseMs = 1_000;

/** Whether a read of this partition could begin now. */
export function isReadable(holding: Holding): boolean {
  const isOpen = !holding.isReading && !holding.isSurplus && !holding.signal.aborted;
  return isOpen && holding.isDirty && holding.inHand.size < inHandPerPartition;
}

/** Reads what may have news until the stop, each partition by itself, so that one that hangs or fails holds up no other. */
export class ReadLoop {
  readonly #deps: ReadLoopDeps;
  readonly #reads = new Set<Promise<void>>();
  #hasRead = false;

  constructor(deps: ReadLoopDeps) {
    this.#deps = deps;
  }

  async run(): Promise<void> {
    const { holdings, options, toRead, stopping } = this.#deps;
    while (!stopping.aborted) {
      const seen = toRead.version;
      for (const holding of holdings.all()) if (isReadable(holding)) this.#begin(holding);
      // Progress is an answer from Redis, or that there is nothing to ask for.
      if (this.#hasRead || this.#reads.size === 0) options.beat();
      this.#hasRead = false;
      await toRead.after(seen, 1_000);
    }
    await Promise.all(this.#reads);
  }

  markDirty(holding: Holding): void {
    holding.isDirty = true;
    this.#deps.toRead.fire();
  }

  #begin(holding: Holding): void {
    const read = this.#readOnce(holding);
    this.#reads.add(read);
    void read.finally(() => {
      this.#reads.delete(read);
      // One connection watches all partitions: it would be woken again for each that is read.
      if (this.#deps.isCluster || this.#reads.size === 0) this.#deps.toWatch.fire();
    });
  }

  async #readOnce(holding: Holding): Promise<void> {
    const { options, lanes, toRead } = this.#deps;
    holding.isReading = true;
    try {
      await readHolding(this.#deps, holding);
      this.#watchBlocked(holding);
      this.#hasRead = true;
    } catch (error) {
      await this.#onFailure(holding, error);
    }
    holding.isReading = false;
    options.metrics.inHand.set({ group: options.group }, lanes.size);
    if (isReadable(holding)) toRead.fire();
  }

  async #onFailure(holding: Holding, error: unknown): Promise<void> {
    // The answer may have been lost after Redis gave us entries: look for them before anything newer.
    holding.phase = 'take';
    if (error instanceof FencedError) {
      this.#deps.holdings.forget(holding);
      return;
    }
    this.#deps.onError('read', error);
    await sleep(250 + Math.random() * 250, undefined, { signal: holding.signal }).catch(() => undefined);
  }

  /** Looks again at streams whose key holds something else. */
  #watchBlocked(holding: Holding): void {
    const { options, holdings } = this.#deps;
    const all = [...holdings.all()].reduce((sum, one) => sum + one.blocked.length, 0);
    options.metrics.blocked.set({ group: options.group }, all);
    if (holding.blocked.length === 0) return;
    clearTimeout(holding.blockedTimer);
    holding.blockedTimer = setTimeout(() => this.markDirty(holding), blockedPauseMs).unref();
  }
}
