import { register } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.ts';

describe('createMetrics', () => {
  it('prefixes our metrics, labels all with the service, and adds those of Node', async () => {
    const metrics = createMetrics({ service: 'worker' });
    metrics.counter('turns_total', { help: 'Turns', labels: ['outcome'] }).inc({ outcome: 'replied' }, 2);
    const text = await metrics.registry.metrics();
    expect(text).toContain('vagent_turns_total{outcome="replied",service="worker"} 2');
    expect(text).toMatch(/^process_cpu_seconds_total\{service="worker"\} /m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds\{service="worker"\} /m);
  });

  it('asks a gauge with collect at each scrape', async () => {
    const metrics = createMetrics({ service: 'worker' });
    let lanes = 0;
    metrics.gauge('lanes', { help: 'Lanes', collect: (gauge) => gauge.set(lanes) });
    lanes = 7;
    expect(await metrics.registry.metrics()).toContain('vagent_lanes{service="worker"} 7');
    lanes = 8;
    expect(await metrics.registry.metrics()).toContain('vagent_lanes{service="worker"} 8');
  });

  it('counts a histogram in the given buckets', async () => {
    const metrics = createMetrics({ service: 'worker' });
    metrics.histogram('turn_seconds', { help: 'Time', buckets: [1, 2] }).observe(1.5);
    const text = await metrics.registry.metrics();
    expect(text).toContain('vagent_turn_seconds_bucket{le="1",service="worker"} 0');
    expect(text).toContain('vagent_turn_seconds_bucket{le="2",service="worker"} 1');
  });

  it('keeps to its own registry and refuses a name twice', () => {
    const metrics = createMetrics({ service: 'worker' });
    metrics.counter('once_total', { help: 'Once' });
    expect(() => metrics.counter('once_total', { help: 'Once' })).toThrow(/already been registered/);
    expect(() => createMetrics({ service: 'other' }).counter('once_total', { help: 'Once' })).not.toThrow();
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});
