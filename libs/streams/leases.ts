import type { Group, Keys } from '#contract/keys';
import { assignPartitions } from './assign-partitions.ts';
import type { RedisClient } from './redis-client.ts';
import { loadScript, runScript } from './script.ts';

export interface LeaseDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly group: Group;
  readonly member: string;
  readonly partitions: number;
  readonly leaseMs: number;
}

export interface LeaseEvents {
  /** The partition is ours under this epoch. Also after a loss that nobody used: everything in hand is stale. */
  readonly onGained: (partition: number, epoch: number) => void;
  /** Somebody else has it: stop at once, nothing can be written any more. */
  readonly onLost: (partition: number) => void;
  /** Another member should have it: finish what runs, begin nothing, then call `giveBack`. */
  readonly onSurplus: (partition: number) => void;
  /** It was surplus and shall stay after all. */
  readonly onKept: (partition: number) => void;
  /** How many members live, told at every tick. */
  readonly onMembers?: (count: number) => void;
}

interface Held {
  epoch: number;
  isSurplus: boolean;
}

const heartbeat = loadScript(new URL('heartbeat.lua', import.meta.url));
const lease = loadScript(new URL('lease.lua', import.meta.url));
const release = loadScript(new URL('release.lua', import.meta.url));

/** One member's share of the partitions of a group. `tick` runs every third of `leaseMs`; times are Redis'. */
export class Leases {
  readonly #held = new Map<number, Held>();
  #members: readonly string[] = [];
  #isRetired = false;
  /** Releases that Redis has not answered yet. */
  readonly #releases = new Set<Promise<unknown>>();
  readonly #deps: LeaseDeps;
  readonly #events: LeaseEvents;

  constructor(deps: LeaseDeps, events: LeaseEvents) {
    this.#deps = deps;
    this.#events = events;
  }

  get held(): ReadonlyMap<number, { readonly epoch: number }> {
    return this.#held;
  }

  /** All that were alive at the last heartbeat, this one included. */
  get members(): readonly string[] {
    return this.#members;
  }

  /**
   * Heartbeat, renewals, and one try for each partition that should be ours; once retired, renewals alone. Throws when
   * Redis does not answer.
   */
  async tick(): Promise<void> {
    const wanted = this.#isRetired ? await this.#signOff() : await this.#signOn();
    for (const [partition, held] of this.#held) this.#mark(partition, held, !wanted.has(partition));
    await Promise.all(
      [...new Set([...wanted, ...this.#held.keys()])].map((partition) => this.#hold(partition)),
    );
  }

  /** From the next tick on all partitions are surplus: the others share them, and each goes when it is given back. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Gives a partition to whoever wants it next. */
  async giveBack(partition: number): Promise<void> {
    const held = this.#held.get(partition);
    if (held === undefined) return;
    this.#held.delete(partition);
    const { redis, keys, group, member } = this.#deps;
    const released = runScript(redis, release, [keys.lease(partition, group)], [member, held.epoch]);
    this.#releases.add(released);
    try {
      await released;
    } finally {
      this.#releases.delete(released);
    }
  }

  /** Leaves the group and gives everything back. */
  async leave(): Promise<void> {
    await this.#signOff();
    await Promise.all([
      ...this.#releases,
      ...[...this.#held.keys()].map((partition) => this.giveBack(partition)),
    ]);
  }

  /**
   * Called when a script said FENCED to what was begun under `epoch`: no need to wait for the next tick to know.
   * A late answer to an earlier epoch says nothing about the lease of today.
   */
  forget(partition: number, epoch: number): void {
    if (this.#held.get(partition)?.epoch !== epoch) return;
    this.#held.delete(partition);
    this.#events.onLost(partition);
  }

  async #signOn(): Promise<ReadonlySet<number>> {
    const { redis, keys, group, member, partitions, leaseMs } = this.#deps;
    const beat = await runScript(redis, heartbeat, [keys.members(group)], [member, leaseMs]);
    // The script's own return value, see its header.
    const members = beat as string[];
    this.#events.onMembers?.(members.length);
    this.#members = members;
    return new Set(assignPartitions(members, partitions).get(member));
  }

  async #signOff(): Promise<ReadonlySet<number>> {
    const { redis, keys, group, member } = this.#deps;
    await redis.zrem(keys.members(group), member);
    return new Set();
  }

  async #hold(partition: number): Promise<void> {
    const { redis, keys, group, member, leaseMs } = this.#deps;
    const reply = await runScript(redis, lease, [keys.lease(partition, group)], [member, leaseMs]);
    // The script's own return value, see its header.
    const [epoch] = reply as [number, number];
    const held = this.#held.get(partition);
    if (epoch === held?.epoch) return;
    if (held !== undefined) this.forget(partition, held.epoch);
    if (epoch === 0) return;
    this.#held.set(partition, { epoch, isSurplus: false });
    this.#events.onGained(partition, epoch);
  }

  #mark(partition: number, held: Held, isSurplus: boolean): void {
    if (held.isSurplus === isSurplus) return;
    held.isSurplus = isSurplus;
    if (isSurplus) this.#events.onSurplus(partition);
    else this.#events.onKept(partition);
  }
}
