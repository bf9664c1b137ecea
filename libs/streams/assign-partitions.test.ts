import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPartitions } from './assign-partitions.ts';

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });
const partitions = fc.integer({ min: 1, max: 64 });

function ownersOf(assigned: ReadonlyMap<string, readonly number[]>): Map<number, string> {
  return new Map(
    [...assigned].flatMap(([member, own]) => own.map((partition): [number, string] => [partition, member])),
  );
}

describe('assignPartitions', () => {
  it('gives each partition to one member and nobody more than its share', () => {
    fc.assert(
      fc.property(members, partitions, (names, count) => {
        const assigned = assignPartitions(names, count);
        const all = [...assigned.values()].flat().sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: count }, (_, partition) => partition));
        const share = Math.ceil(count / names.length);
        for (const own of assigned.values()) expect(own.length).toBeLessThanOrEqual(share);
      }),
    );
  });

  it('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(members, partitions, (names, count) => {
        const turned = ownersOf(assignPartitions([...names].reverse(), count));
        expect(turned).toEqual(ownersOf(assignPartitions(names, count)));
      }),
    );
  });

  it('moves few partitions when a member comes or goes', () => {
    let moved = 0;
    let fair = 0;
    for (let round = 0; round < 200; round++) {
      const count = 2 + (round % 8);
      const names = Array.from({ length: count }, (_, member) => `slot-${member}-${round}`);
      const before = ownersOf(assignPartitions(names, 32));
      const after = ownersOf(assignPartitions([...names, `new-${round}`], 32));
      for (const [partition, owner] of before) if (after.get(partition) !== owner) moved += 1;
      fair += 32 / (count + 1);
    }
    expect(moved / fair).toBeLessThan(2);
  });

  it('gives nothing to nobody', () => {
    expect(assignPartitions([], 32)).toEqual(new Map());
  });
});
