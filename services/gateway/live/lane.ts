import type { Logger } from 'pino';
import type { Keys } from '#contract/keys';
import { retry } from '#runtime/retry';
import type { RedisClient } from '#streams/redis-client';
import type { LiveEvent } from '../api/live.ts';
import { catchUp, type Late } from './catch-up.ts';
import { covers, formatCursor, type Positions } from './cursor.ts';
import type { Follower, Following } from './feed.ts';
import type { Member } from './member.ts';
import type { Found } from './merge-pages.ts';
import { PartitionFeed } from './partition-feed.ts';
import { readNow } from './read-now.ts';
import type { StreamReader } from './stream-reader.ts';

export interface LaneDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly toEvent: (found: Found) => LiveEvent;
  readonly readerOf: (partition: number) => StreamReader;
  readonly onReachable: (isReachable: boolean) => void;
  /** Lets only some lanes at a time read what was missed: whoever comes late must not slow down the others. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly member: Member;
  readonly from: Positions | null;
  readonly onJoined: () => void;
}

const backoff = { attempts: Number.POSITIVE_INFINITY, baseMs: 100, maxMs: 2_000 };

/** A partition with followers: brings those who come late up to the reader of all, and hands them over to it. */
export class Lane {
  readonly #deps: LaneDeps;
  readonly #partition: number;
  readonly #feed: PartitionFeed;
  #waiting: Waiting[] = [];
  #isOpen = false;
  #isWelcoming = false;

  constructor(deps: LaneDeps, partition: number) {
    this.#deps = deps;
    this.#partition = partition;
    this.#feed = new PartitionFeed(deps.toEvent);
  }

  /** How far its streams were read; undefined while nobody reads them. */
  get positions(): Positions | undefined {
    return this.#isOpen ? this.#feed.positions : undefined;
  }

  follow(session: string | null, from: Positions | null, follower: Follower): Following {
    const { promise, resolve } = Promise.withResolvers<void>();
    const member: Member = { session, follower, ahead: null, isStopped: false };
    const coming = { member, from, onJoined: resolve };
    // Who has missed nothing need not wait until those are brought up who have.
    if (!this.#isOpen || this.#admit(coming).length > 0) this.#waiting.push(coming);
    if (!this.#isWelcoming) void this.#welcome();
    const stop = () => {
      member.isStopped = true;
      this.#feed.leave(member);
      resolve();
    };
    const cursor = () => {
      const isLive = !member.isStopped && this.#feed.has(member);
      return isLive ? formatCursor(member.ahead ?? this.#feed.positions) : undefined;
    };
    return { caughtUp: promise, cursor, stop };
  }

  /** True where nobody follows any more; then it is not read any more either. */
  closeIfEmpty(): boolean {
    if (this.#isWelcoming || !this.#feed.isEmpty) return false;
    this.#deps.readerOf(this.#partition).remove(this.#partition);
    return true;
  }

  /** Takes in all who wait, together, and then those who came meanwhile. */
  async #welcome(): Promise<void> {
    this.#isWelcoming = true;
    try {
      while (this.#waiting.length > 0) {
        if (!this.#isOpen) await this.#open();
        const together = this.#waiting.splice(0);
        const late = together.flatMap((one) => this.#admit(one));
        if (late.length > 0) await this.#bringUp(late);
      }
    } catch (error) {
      // Retried for ever: it ends only with the feed.
      if (!this.#deps.signal.aborted) throw error;
    } finally {
      this.#isWelcoming = false;
    }
  }

  async #open(): Promise<void> {
    this.#feed.positions = await this.#patiently(() => readNow(this.#deps, this.#partition));
    this.#isOpen = true;
    this.#deps.readerOf(this.#partition).add(this.#partition, this.#feed);
  }

  /** Nothing where it is as far as the reader, and has joined. */
  #admit({ member, from, onJoined }: Waiting): (Late & Pick<Waiting, 'onJoined'>)[] {
    const { positions } = this.#feed;
    const { session } = member;
    if (session === null || from === null || covers(from, positions)) {
      if (!member.isStopped) this.#feed.join(member, from ?? positions);
      onJoined();
      return [];
    }
    return [{ member: Object.assign(member, { session }), seen: from, onJoined }];
  }

  async #bringUp(late: readonly (Late & Pick<Waiting, 'onJoined'>)[]): Promise<void> {
    const read = () =>
      catchUp(this.#deps, this.#partition, late, this.#feed, ({ member, seen }) => {
        if (!member.isStopped) this.#feed.join(member, seen);
      });
    await this.#patiently(() => this.#deps.inTurn(read));
    for (const { onJoined } of late) onJoined();
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const { onReachable, log, signal } = this.#deps;
    const result = await retry(work, {
      ...backoff,
      signal,
      onRetry: ({ error }) => {
        log.warn({ err: error, partition: this.#partition }, 'Missed events cannot be read, trying again');
        onReachable(false);
      },
    });
    onReachable(true);
    return result;
  }
}
