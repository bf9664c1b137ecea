import type { Logger } from 'pino';
import type { Keys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';
import { isRedisUnavailable } from '#streams/redis-errors';
import type { Alarm, Alarms } from './alarms.ts';
import type { ClockMetrics } from './clock-metrics.ts';
import { TimerError } from './errors.ts';
import type { StoredTimer, Timers } from './timer-record.ts';

export interface ReconcilerDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly timers: Timers;
  readonly alarms: Pick<Alarms, 'set' | 'keyOf'>;
  readonly fire: (alarm: Alarm) => Promise<number>;
  /** The partitions that are ours to look after. */
  readonly held: () => readonly number[];
  readonly redisNow: () => Promise<number>;
  readonly metrics: ClockMetrics;
  readonly log: Logger;
  readonly everyMs?: number;
  readonly now?: () => number;
}

/** An alarm this late has failed, was lost, or its host's clock is behind. */
const overdueMs = 5_000;

/**
 * Makes sure that every timer rings, whatever became of BullMQ's jobs: makes lost ones again and fires what is
 * overdue itself. Looks at a partition when it becomes ours, after a reconnect, and every `everyMs` (30 s).
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #lookedAt = new Map<number, number>();

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    deps.redis.on('ready', this.#lookAgain);
  }

  /** One round: looks at the partitions whose turn it is. Rejects while Redis is away. */
  async tick(): Promise<void> {
    const { held, everyMs = 30_000, now = () => performance.now() } = this.#deps;
    const ours = held();
    for (const partition of [...this.#lookedAt.keys()]) {
      if (!ours.includes(partition)) this.#lookedAt.delete(partition);
    }
    for (const partition of ours) {
      const last = this.#lookedAt.get(partition);
      if (last !== undefined && now() - last < everyMs) continue;
      const isSomethingLate = await this.#lookOrTell(partition);
      // What is just late rings any moment, or is overdue when we look again.
      this.#lookedAt.set(partition, isSomethingLate ? now() - everyMs + overdueMs : now());
    }
  }

  stop(): void {
    this.#deps.redis.off('ready', this.#lookAgain);
  }

  readonly #lookAgain = (): void => this.#lookedAt.clear();

  /** A key that somebody has overwritten costs its own partition, and not those behind it. */
  async #lookOrTell(partition: number): Promise<boolean> {
    try {
      return await this.#look(partition);
    } catch (error) {
      if (isRedisUnavailable(error)) throw error;
      this.#deps.log.error({ err: error, partition }, 'The timers of a partition cannot be looked through');
      return false;
    }
  }

  /** Returns true where a timer is late and not yet overdue. */
  async #look(partition: number): Promise<boolean> {
    const { timers, log, metrics } = this.#deps;
    const onUnreadable = (error: TimerError): void => {
      metrics.unreadable.inc();
      log.error({ err: error, partition, timer: error.timer }, 'Timer cannot be read and does not fire');
    };
    let isSomethingLate = false;
    for await (const page of timers.scan(partition, onUnreadable)) {
      const now = await this.#deps.redisNow();
      const isOverdue = ({ record }: StoredTimer): boolean => record.dueAt < now - overdueMs;
      await this.#rebuild(
        partition,
        page.filter((timer) => !isOverdue(timer)),
        now,
      );
      for (const { timer } of page.filter(isOverdue)) await this.#fire({ partition, timer });
      isSomethingLate ||= page.some((timer) => timer.record.dueAt <= now && !isOverdue(timer));
    }
    return isSomethingLate;
  }

  async #rebuild(partition: number, page: readonly StoredTimer[], now: number): Promise<void> {
    const { redis, alarms, metrics, log } = this.#deps;
    if (page.length === 0) return;
    const pipeline = redis.pipeline();
    for (const { timer, record } of page) pipeline.exists(alarms.keyOf({ partition, timer }, record.dueAt));
    const answers = (await pipeline.exec()) ?? [];
    let rebuilt = 0;
    for (const [index, { timer, record }] of page.entries()) {
      const [error, exists] = answers[index] ?? [];
      if (error) throw error;
      if (exists === 1) continue;
      await alarms.set({ partition, timer }, record.dueAt, record.dueAt - now);
      rebuilt += 1;
    }
    metrics.rebuilt.inc(rebuilt);
    if (rebuilt > 0) log.warn({ partition, rebuilt }, 'Jobs of timers were missing and have been made again');
  }

  async #fire(alarm: Alarm): Promise<void> {
    try {
      await this.#deps.fire(alarm);
    } catch (error) {
      if (isRedisUnavailable(error)) throw error;
      if (error instanceof TimerError) this.#deps.metrics.unreadable.inc();
      this.#deps.log.error({ err: error, ...alarm }, 'Timer is overdue and cannot fire');
    }
  }
}
