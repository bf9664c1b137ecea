import { describe, expect, it } from 'vitest';
import { createRandom } from './create-random.ts';

describe('createRandom', () => {
  const first = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => random.number());
  };

  it('gives the same sequence for the same seed, and another one for another', () => {
    expect(first(7)).toEqual(first(7));
    expect(first(7)).not.toEqual(first(8));
  });

  it('stays within its bounds and reaches both of them', () => {
    const random = createRandom(1);
    const seen = new Set(Array.from({ length: 200 }, () => random.between(2, 5)));
    expect([...seen].sort()).toEqual([2, 3, 4, 5]);
    expect(first(3).every((value) => value >= 0 && value < 1)).toBe(true);
  });

  it('forks into a sequence that the parent’s later draws do not change', () => {
    const [one, two] = [createRandom(5), createRandom(5)];
    const [forkOne, forkTwo] = [one.fork(), two.fork()];
    two.number();
    expect(forkOne.number()).toBe(forkTwo.number());
  });
});
