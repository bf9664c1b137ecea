import type { Logger } from 'pino';
import type { Metrics } from '#runtime/create-metrics';
import type { Progress } from '#runtime/create-progress';
import { HealthServer } from '#runtime/health-server';
import { openTracing } from '#runtime/open-tracing';
import type { Service } from '#runtime/run-service';
import type { Tracing } from '#runtime/tracing';
import { connectRedis } from '#streams/connect-redis';
import { openTransport, type Transport } from '#streams/open-transport';
import { countReconnects, watchRedisMemory } from '#streams/redis-metrics';
import { Clock } from './clock.ts';
import type { ClockConfig } from './clock-config.ts';

export interface ClockServiceDeps {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly progress: Progress;
}

/** The consumer's loop goes round every second. */
const stalledAfterMs = 30_000;
/** BullMQ waits up to ten seconds for a job: silence for less than that means nothing. */
const alarmsWatchdogMs = 30_000;

/** Deadlines and reminders: what is to happen later, whoever is up by then. */
export class ClockService implements Service {
  readonly log: Logger;
  readonly #config: ClockConfig;
  readonly #deps: ClockServiceDeps;
  readonly #health: HealthServer;
  #transport: Transport | undefined;
  #clock: Clock | undefined;
  #tracing: Tracing | undefined;
  #isRunning = false;

  constructor(config: ClockConfig, deps: ClockServiceDeps) {
    this.log = deps.log;
    this.#config = config;
    this.#deps = deps;
    this.#health = new HealthServer({
      ...config.health,
      progress: deps.progress,
      registry: deps.metrics.registry,
      log: deps.log,
      checks: {
        redis: async () => {
          if (this.#transport === undefined) throw new Error('Redis has not been reached yet');
          return this.#transport.ping();
        },
        clock: async () => {
          if (!this.#isRunning) throw new Error('The clock does not run yet');
        },
      },
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { log, metrics, progress } = this.#deps;
    await this.#health.start();
    const transport = await openTransport(this.#config, {
      name: 'clock',
      slot: this.#config.SLOT,
      log,
      signal,
    });
    this.#transport = transport;
    const { connection } = this.#config.redis;
    const onError = (error: Error) => log.warn({ err: error }, 'Redis connection');
    const options = { name: 'vagent-clock-alarms', blocking: true, watchdogMs: alarmsWatchdogMs, onError };
    const connectAlarms = () => connectRedis(connection, options);
    const { beat } = progress.watch('consumer', { stalledAfterMs });
    const tracing = await openTracing({ ...this.#config.tracing, service: 'clock', log, metrics });
    this.#tracing = tracing;
    countReconnects(metrics, transport.redis);
    watchRedisMemory(metrics, transport.redis);
    this.#clock = new Clock({ transport, connectAlarms, metrics, log, beat, tracing });
    await this.#clock.start();
    this.#isRunning = true;
  }

  async stop(): Promise<void> {
    await this.#clock?.stop();
    await this.#tracing?.[Symbol.asyncDispose]();
    await this.#transport?.close();
    await this.#health.stop();
  }
}
