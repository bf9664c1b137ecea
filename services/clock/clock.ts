import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Metrics } from '#runtime/create-metrics';
import { noTracing, type Tracing } from '#runtime/tracing';
import type { Commit } from '#streams/commit';
import { type Consumer, createConsumer } from '#streams/create-consumer';
import type { Delivery } from '#streams/delivery';
import type { Transport } from '#streams/open-transport';
import type { RedisClient } from '#streams/redis-client';
import { redisNow } from '#streams/redis-now';
import { createStreamMetrics } from '#streams/stream-metrics';
import { tracePublisher } from '#streams/trace-publisher';
import { Alarms } from './alarms.ts';
import { createClockMetrics } from './clock-metrics.ts';
import { TimerError } from './errors.ts';
import { fireTimer } from './fire-timer.ts';
import { Reconciler } from './reconciler.ts';
import { cancelTimer, type SetTimerDeps, setTimer } from './set-timer.ts';
import { createTimers } from './timer-record.ts';

export interface ClockDeps {
  readonly transport: Transport;
  /** Opens a connection for BullMQ, whose commands wait up to ten seconds. */
  readonly connectAlarms: () => RedisClient;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly beat: () => void;
  readonly reconcileMs?: number;
  readonly leaseMs?: number;
  readonly tracing?: Tracing;
}

const roundMs = 1_000;
const concurrency = 32;

/** Takes timers from `timers` and turns each, when it is due, into an entry of `inbound` or `approvals`. */
export class Clock implements AsyncDisposable {
  readonly #log: Logger;
  readonly #alarms: Alarms;
  readonly #consumer: Consumer;
  readonly #reconciler: Reconciler;
  readonly #stopping = new AbortController();
  #rounds: Promise<void> = Promise.resolve();

  constructor(deps: ClockDeps) {
    const { transport, connectAlarms, metrics, log, beat, reconcileMs, leaseMs, tracing = noTracing } = deps;
    const { redis, keys } = transport;
    const publisher = tracePublisher(transport.publisher, { tracing, name: 'fire' });
    const now = () => redisNow(redis);
    const timers = createTimers({ ...transport, openBody: transport.openOwn });
    const clockMetrics = createClockMetrics(metrics);
    const fire = (alarm: { partition: number; timer: string }) =>
      fireTimer({ timers, publisher, redisNow: now, metrics: clockMetrics, log }, alarm);
    this.#log = log;
    this.#alarms = new Alarms({
      connect: connectAlarms,
      prefix: keys.bullPrefix(),
      onAlarm: fire,
      onError: (error) => log.warn({ err: error }, 'Alarm failed; the timer is kept and fires later'),
    });
    this.#consumer = createConsumer({
      ...transport,
      group: 'clock',
      streams: ['timers'],
      concurrency,
      handle: (delivery) => handleEntry({ timers, alarms: this.#alarms, redisNow: now }, delivery),
      laneOf: (entry) => entry.session,
      shareOf: (entry) => entry.session,
      onDead: () => [],
      onLost: (lost) => log.error({ lost }, 'A timer was deleted before it was set'),
      log,
      metrics: createStreamMetrics(metrics.registry),
      beat,
      traced: { name: 'set', tracing },
      ...(leaseMs === undefined ? {} : { leaseMs }),
    });
    this.#reconciler = new Reconciler({
      ...{ redis, keys, timers, fire, log },
      alarms: this.#alarms,
      held: () => this.#consumer.held(),
      redisNow: now,
      metrics: clockMetrics,
      ...(reconcileMs === undefined ? {} : { everyMs: reconcileMs }),
    });
  }

  async start(): Promise<void> {
    await this.#alarms.start();
    await this.#consumer.start();
    this.#rounds = this.#reconcile(this.#stopping.signal);
  }

  /** Reads no more, lets what runs finish; idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#reconciler.stop();
    await this.#rounds;
    await this.#consumer.stop();
    await this.#alarms.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#reconciler.tick();
      } catch (error) {
        this.#log.warn({ err: error }, 'Timers could not be looked through, trying again');
      }
      // The only rejection is the abort, which ends the loop.
      await sleep(roundMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function handleEntry(deps: SetTimerDeps, delivery: Delivery): Promise<Commit> {
  const { entry } = delivery;
  switch (entry.type) {
    case 'timer.set':
      return setTimer(deps, delivery, entry);
    case 'timer.cancelled':
      return cancelTimer(deps, delivery, entry);
    default:
      throw new TimerError(entry.id, `entries of type ${entry.type} do not belong into the stream timers`);
  }
}
