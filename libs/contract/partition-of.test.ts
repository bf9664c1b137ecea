import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionOf } from './partition-of.ts';

describe('partitionOf', () => {
  it('uses the CRC of Redis Cluster', () => {
    expect(partitionOf('123456789', 0x10000)).toBe(0x31c3);
    expect(partitionOf('', 0x10000)).toBe(0);
    expect(partitionOf('foo', 16_384)).toBe(12_182);
  });

  it('stays within the partitions and depends on nothing but the session', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 16_384 }),
        (session, partitions) => {
          const partition = partitionOf(session, partitions);
          expect(partition).toBeGreaterThanOrEqual(0);
          expect(partition).toBeLessThan(partitions);
          expect(partitionOf(session, partitions)).toBe(partition);
        },
      ),
    );
  });

  it('spreads the sessions of one room', () => {
    const counts = new Map<number, number>();
    for (let user = 0; user < 3_200; user++) {
      const partition = partitionOf(`!room:a.org:main:@user${user}:a.org`, 32);
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    expect(Math.max(...counts.values())).toBeLessThan(200);
  });
});
