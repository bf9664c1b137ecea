import pino from 'pino';
import { Registry } from 'prom-client';
import type { Entry } from '#contract/entry';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { RedisConnection } from '#runtime/redis-settings';
import { connectRedis } from '#streams/connect-redis';
import type { ConsumerOptions } from '#streams/consumer-options';
import { type Consumer, createConsumer } from '#streams/create-consumer';
import { createStreamMetrics } from '#streams/stream-metrics';

/** The session of `messageEntry`, and where it is among the partitions of a test consumer. */
export const session = '!room:localhost:main:@ana:localhost';
export const partition = partitionOf(session, 4);
/** Longer than a busy machine holds up a process: nobody loses a lease who was not meant to. */
export const safeLeaseMs = 3_000;

export interface TestConsumer extends AsyncDisposable {
  readonly consumer: Consumer;
  readonly registry: Registry;
  /** How often the connection for commands was lost. */
  reconnects(): number;
  /** The sum of a metric over all its labels. */
  count(metric: string): Promise<number>;
  stop(): Promise<void>;
}

type Given = Partial<ConsumerOptions> & Pick<ConsumerOptions, 'handle'> & { readonly watchdogMs?: number };

/** A started consumer of the group `graph` with an own connection, for tests; everything can be overridden. */
export async function startTestConsumer(
  settings: RedisConnection,
  prefix: string,
  member: string,
  { watchdogMs = 10_000, ...given }: Given,
): Promise<TestConsumer> {
  const common = { onError: () => undefined, watchdogMs };
  const redis = connectRedis(settings, { name: member, ...common });
  let reconnects = 0;
  redis.on('close', () => {
    reconnects += 1;
  });
  const registry = new Registry();
  const consumer = createConsumer({
    redis,
    connectBlocking: () => connectRedis(settings, { name: `${member}-blocking`, blocking: true, ...common }),
    keys: createKeys(prefix),
    group: 'graph',
    streams: ['inbound'],
    partitions: 4,
    member,
    concurrency: 16,
    laneOf: (entry) => entry.session,
    shareOf: (entry) => entry.session,
    onDead: () => [],
    onLost: () => undefined,
    sealBody: (json) => json,
    openBody: (sealed) => sealed,
    log: pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
    metrics: createStreamMetrics(registry),
    beat: () => undefined,
    leaseMs: 1_000,
    backoffMs: 10,
    ...given,
  });
  await consumer.start();
  const stop = async () => {
    await consumer.stop();
    redis.disconnect();
  };
  const count = async (metric: string) => {
    const found = await registry.getSingleMetric(`vagent_${metric}`)?.get();
    if (found === undefined) throw new Error(`There is no metric vagent_${metric}`);
    return found.values.reduce((sum, { value }) => sum + value, 0);
  };
  return { consumer, registry, count, reconnects: () => reconnects, stop, [Symbol.asyncDispose]: stop };
}

/** A message of one person in one room, as ingress publishes it. */
export function messageEntry(number: number, options: { session?: string; text?: string } = {}): Entry {
  const { session: of = session } = options;
  return {
    type: 'message.received',
    id: `$event-${number}-${of}`,
    session: of,
    at: new Date().toISOString(),
    body: {
      eventId: `$event${number}`,
      sender: '@ana:localhost',
      displayName: null,
      text: options.text ?? `message ${number}`,
      thread: null,
      replyTo: null,
      direct: true,
      attachments: [],
      encrypted: false,
      originTime: new Date().toISOString(),
    },
  };
}
