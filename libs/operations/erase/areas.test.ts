import { describe, expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { areaOf } from './areas.ts';

/** Keys that hold nothing of anybody: names of processes, counts, and what a worker's framework keeps for itself. */
const impersonal = new Set(['lease', 'members', 'store', 'bullPrefix']);

/** One of every key that the contract names; arguments that a key does not have are left over. */
const keys = createKeys('p');
const samples = Object.entries(keys).flatMap(([name, make]) => {
  // Every one of them makes a name out of partitions and texts; which of the two comes first differs.
  const call = make as (...args: (string | number)[]) => string;
  const streams = ['inbound', 'outbound', 'approvals', 'timers', 'dead', 'audit'];
  if (name === 'stream') return streams.map((stream) => [name, call(3, stream)] as const);
  const isOfPartition = call(3, 'x', 'y').includes('{3}');
  return [[name, isOfPartition ? call(3, 'x', 'y') : call('x', 'y', 'z')] as const];
});

describe('what becomes of each key when a person is erased', () => {
  it.each(samples)('is decided for %s (%s)', (name, key) => {
    expect(samples.length).toBeGreaterThan(40);
    const { kind, treatment, why } = areaOf(key.slice('p:'.length));
    if (impersonal.has(name)) return;
    expect(kind).not.toBe('keys that nobody knows');
    if (treatment === 'keep') expect(why).toBeDefined();
  });
});
