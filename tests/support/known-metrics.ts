import { Redis } from 'ioredis';
import { z } from 'zod';
import { createAgentMetrics, watchTools } from '#agents/observed/agent-metrics';
import { createCryptoMetrics } from '#crypto/crypto-metrics';
import { createRequestObserver } from '#matrix/create-request-observer';
import { createMetrics, type Metrics } from '#runtime/create-metrics';
import { countReconnects, watchRedisMemory } from '#streams/redis-metrics';
import { createStreamMetrics } from '#streams/stream-metrics';
import { createClockMetrics } from '../../services/clock/clock-metrics.ts';
import { createEgressMetrics } from '../../services/egress/egress-metrics.ts';
import { createIngressMetrics, watchQueue } from '../../services/ingress/ingress-metrics.ts';
import { createWorkerMetrics, watchSwitchedOff } from '../../services/worker/worker-metrics.ts';
import { startGateway } from './start-gateway.ts';

export interface KnownMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly help: string;
  readonly labels: readonly string[];
}

export const serviceNames = ['ingress', 'worker', 'egress', 'clock', 'gateway'] as const;
export type ServiceName = (typeof serviceNames)[number];

// prom-client's own objects; their type leaves the labels out.
const described = z.object({
  name: z.string(),
  type: z.enum(['counter', 'gauge', 'histogram', 'summary']),
  help: z.string(),
  labelNames: z.array(z.string()),
});

/**
 * What each service shows at /metrics, defined as the service defines it, without starting it; of the gateway, which
 * defines its own where it uses them, from a started one. That the list is whole is tested against real processes.
 */
export async function knownMetrics(
  redisUrl: string,
): Promise<ReadonlyMap<ServiceName, readonly KnownMetric[]>> {
  const redis = new Redis({ lazyConnect: true });
  const client = { userId: '@bot:localhost', deviceId: null, request: async () => ({}) };
  const define: Record<Exclude<ServiceName, 'gateway'>, (metrics: Metrics) => void> = {
    ingress: (metrics) => {
      createIngressMetrics(metrics);
      watchQueue(metrics, { length: async () => 0 });
      createCryptoMetrics(metrics.registry);
      createRequestObserver(metrics.registry)(client);
    },
    worker: (metrics) => {
      createStreamMetrics(metrics.registry);
      createAgentMetrics(metrics);
      createWorkerMetrics(metrics);
      watchTools(metrics, { counts: () => [] }, () => []);
      watchSwitchedOff(metrics, { list: () => [] });
    },
    egress: (metrics) => {
      createStreamMetrics(metrics.registry);
      createEgressMetrics(metrics.registry);
      createCryptoMetrics(metrics.registry);
      createRequestObserver(metrics.registry)(client);
    },
    clock: (metrics) => {
      createStreamMetrics(metrics.registry);
      createClockMetrics(metrics);
      watchRedisMemory(metrics, redis);
    },
  };
  const known = new Map<ServiceName, readonly KnownMetric[]>();
  for (const service of ['ingress', 'worker', 'egress', 'clock'] as const) {
    const metrics = createMetrics({ service });
    define[service](metrics);
    countReconnects(metrics, redis);
    known.set(service, describe(metrics));
  }
  redis.disconnect();
  await using gateway = await startGateway(redisUrl);
  known.set('gateway', describe(gateway.metrics));
  return known;
}

function describe({ registry }: Metrics): KnownMetric[] {
  return z
    .array(described)
    .parse(registry.getMetricsAsArray())
    .map(({ labelNames, ...about }) => ({ ...about, labels: labelNames }));
}

/** All of them by the names that queries use, with the labels that a series of that name may have. */
export function seriesOf(known: ReadonlyMap<ServiceName, readonly KnownMetric[]>): Map<string, Set<string>> {
  const series = new Map<string, Set<string>>();
  const add = (name: string, labels: readonly string[]): void => {
    const all = series.get(name) ?? new Set(['service', 'job', 'instance']);
    for (const label of labels) all.add(label);
    series.set(name, all);
  };
  for (const { name, type, labels } of [...known.values()].flat()) {
    if (type !== 'histogram') add(name, labels);
    else {
      add(`${name}_bucket`, [...labels, 'le']);
      add(`${name}_sum`, labels);
      add(`${name}_count`, labels);
    }
  }
  add('up', []);
  return series;
}
