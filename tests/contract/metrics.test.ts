import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type KnownMetric, knownMetrics, type ServiceName, serviceNames } from '../support/known-metrics.ts';

let known: ReadonlyMap<ServiceName, readonly KnownMetric[]>;
beforeAll(async () => {
  known = await knownMetrics(inject('redisUrl'));
});

const own = (service: ServiceName): readonly KnownMetric[] =>
  (known.get(service) ?? []).filter(({ name }) => !/^(process|nodejs)_/.test(name));

/** Base units and words of https://prometheus.io/docs/practices/naming/ */
const units = /_(seconds|bytes|total|ratio)$/;

describe.each(serviceNames)('the metrics of %s', (service) => {
  it('begin with vagent_, and say in a sentence what they are', () => {
    expect(own(service).length).toBeGreaterThan(4);
    for (const { name, help } of own(service)) {
      expect(name).toMatch(/^vagent_[a-z0-9_]+$/);
      expect(help, name).toMatch(/^[A-Z0-9].{5,}/s);
    }
  });

  it('end in _total where they are counters, in their unit where they are histograms', () => {
    for (const { name, type } of own(service)) {
      if (type === 'counter') expect(name).toMatch(/_total$/);
      else expect(name).not.toMatch(/_total$/);
      if (type === 'histogram') expect(name).toMatch(units);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|mb|kb)(_|$)/);
    }
  });

  it('T29: have no labels that name a person, a room, a conversation, a turn or an approval', () => {
    for (const { name, labels } of own(service)) {
      for (const label of labels) {
        expect(label, name).not.toMatch(
          /user|sender|person|room|session|thread|turn|event|approval|entry|path|url/,
        );
      }
      expect(labels.length, name).toBeLessThanOrEqual(4);
    }
  });

  it('come with those of Node and the process', () => {
    const names = (known.get(service) ?? []).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'process_resident_memory_bytes',
        'process_cpu_seconds_total',
        'nodejs_eventloop_lag_p99_seconds',
      ]),
    );
  });
});
