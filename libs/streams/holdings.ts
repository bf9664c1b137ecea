import type { ConsumerOptions } from './consumer-options.ts';
import { createHolding, type Holding, nameOf } from './holding.ts';
import type { Item } from './item.ts';
import type { Lanes } from './lanes.ts';
import { Leases } from './leases.ts';
import { uncountAttempt } from './uncount-attempt.ts';

export interface HoldingsDeps {
  readonly options: ConsumerOptions;
  readonly leaseMs: number;
  readonly lanes: Lanes<Item>;
  readonly onGained: (holding: Holding) => void;
  /** A partition that was to be handed over stays: it may be read again. */
  readonly onKept: () => void;
}

const surplusGraceMs = 20_000;

/** The partitions in our hands: what becomes of the work in them as their leases come, go and are asked back. */
export class Holdings {
  readonly #deps: HoldingsDeps;
  readonly #leases: Leases;
  readonly #held = new Map<number, Holding>();
  #isStopping = false;

  constructor(deps: HoldingsDeps) {
    this.#deps = deps;
    const { options, leaseMs } = deps;
    this.#leases = new Leases(
      { ...options, leaseMs },
      {
        onGained: (partition, epoch) => this.#gain(partition, epoch),
        onLost: (partition) => this.#lose(partition),
        onSurplus: (partition) => this.#setSurplus(partition),
        onKept: (partition) => this.#keep(partition),
        onMembers: (count) => options.metrics.members.set({ group: options.group }, count),
      },
    );
  }

  all(): IterableIterator<Holding> {
    return this.#held.values();
  }

  get(partition: number): Holding | undefined {
    return this.#held.get(partition);
  }

  partitions(): readonly number[] {
    return [...this.#held.keys()].sort((a, b) => a - b);
  }

  members(): readonly string[] {
    return this.#leases.members;
  }

  /** Claims, renews and gives up leases, as the members of the moment share them. Throws when Redis does not answer. */
  tick(): Promise<void> {
    return this.#leases.tick();
  }

  /** From the next `tick` on nothing new is claimed: what runs keeps its lease until it has ended, the rest goes. */
  retire(): void {
    this.#isStopping = true;
    this.#leases.retire();
  }

  /** Tells what runs that its time is over. */
  abortAll(): void {
    for (const holding of this.#held.values()) holding.abort.abort();
  }

  /** Leaves the group and gives everything back. */
  leave(): Promise<void> {
    return this.#leases.leave();
  }

  /** Called when a script was refused under this lease: it is somebody else's. */
  forget({ partition, epoch }: Pick<Holding, 'partition' | 'epoch'>): void {
    this.#leases.forget(partition, epoch);
  }

  giveBackIfIdle(holding: Holding): void {
    if (!holding.isSurplus || holding.running > 0 || this.#held.get(holding.partition) !== holding) return;
    this.#letGo(holding, 'given_back');
    this.#leases.giveBack(holding.partition).catch((error: unknown) => {
      this.#deps.options.log.warn({ err: error, partition: holding.partition }, 'lease runs out by itself');
    });
  }

  #gain(partition: number, epoch: number): void {
    const holding = createHolding(partition, epoch);
    this.#held.set(partition, holding);
    this.#countMove('gained');
    this.#deps.onGained(holding);
  }

  #lose(partition: number): void {
    const holding = this.#held.get(partition);
    if (holding === undefined) return;
    holding.isLost = true;
    this.#letGo(holding, 'lost');
    this.#deps.options.log.warn({ partition, epoch: holding.epoch }, 'lease lost');
  }

  #setSurplus(partition: number): void {
    const holding = this.#held.get(partition);
    if (holding === undefined) return;
    holding.isSurplus = true;
    this.#dropWaiting(holding);
    // A stop sets a time of its own to what runs.
    if (!this.#isStopping) {
      holding.surplusTimer = setTimeout(() => holding.abort.abort(), surplusGraceMs).unref();
    }
    this.giveBackIfIdle(holding);
  }

  #keep(partition: number): void {
    const holding = this.#held.get(partition);
    if (holding === undefined) return;
    clearTimeout(holding.surplusTimer);
    if (holding.signal.aborted) {
      this.#held.set(partition, createHolding(partition, holding.epoch));
    } else {
      holding.isSurplus = false;
      holding.phase = 'take';
      holding.isDirty = true;
    }
    this.#deps.onKept();
  }

  /** Ends everything that was going on under a lease, except for jobs that run: their signal is aborted. */
  #letGo(holding: Holding, what: 'lost' | 'given_back'): void {
    this.#held.delete(holding.partition);
    holding.abort.abort();
    clearTimeout(holding.surplusTimer);
    clearTimeout(holding.blockedTimer);
    this.#dropWaiting(holding);
    this.#countMove(what);
  }

  #dropWaiting(holding: Holding): void {
    for (const item of this.#deps.lanes.drop(({ held }) => held === holding)) {
      holding.inHand.delete(nameOf(item.found));
      // It paused, for a reason that is not its own: whoever has it next goes on with the same attempt.
      void uncountAttempt(this.#deps.options, item);
    }
  }

  #countMove(what: 'gained' | 'lost' | 'given_back'): void {
    const { metrics, group } = this.#deps.options;
    metrics.leaseMoves.inc({ group, what });
    metrics.held.set({ group }, this.#held.size);
  }
}
