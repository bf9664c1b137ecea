import { describe, expect, it } from 'vitest';
import { chanceOf, compareOutcomes, explainNoRoom, shareInterval } from './compare-outcomes.ts';

describe('compareOutcomes', () => {
  it('counts what is gained and lost, case by case', () => {
    const before = [true, true, false, false, false];
    const after = [true, false, true, true, false];
    expect(compareOutcomes(before, after)).toMatchObject({
      total: 5,
      before: 2,
      after: 3,
      gained: 2,
      lost: 1,
    });
  });

  it.each([
    [0, 0, 1],
    [4, 0, 1 / 16],
    [5, 0, 1 / 32],
    [5, 1, 7 / 64],
    [0, 5, 1],
    [3, 3, 42 / 64],
  ])('takes %i gained and %i lost for chance with a likelihood of %f', (gained, lost, p) => {
    expect(chanceOf(gained, lost)).toBeCloseTo(p, 10);
  });

  it('stays a likelihood for very many cases', () => {
    expect(chanceOf(6_000, 4_000)).toBeLessThan(1e-20);
    expect(chanceOf(5_000, 5_000)).toBeCloseTo(0.504, 3);
  });

  it('gives an interval around the difference that holds nothing for no change, and shrinks with more cases', () => {
    const same = new Array<boolean>(50).fill(true);
    const [low, high] = compareOutcomes(same, same).interval;
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
    const width = (cases: number): number => {
      const before = Array.from({ length: cases }, (_, index) => index % 2 === 0);
      const after = Array.from({ length: cases }, (_, index) => index % 4 !== 1);
      const { interval } = compareOutcomes(before, after);
      expect(interval[0]).toBeGreaterThan(0);
      return interval[1] - interval[0];
    };
    expect(width(400)).toBeLessThan(width(100));
  });

  it('knows where too few are wrong for anything to be more than noise', () => {
    const rights = (wrong: number) => Array.from({ length: 50 }, (_, index) => index >= wrong);
    expect(explainNoRoom(rights(4))).toContain('Only 4 of 50');
    expect(explainNoRoom(rights(5))).toBeUndefined();
  });

  it('refuses to compare what is not the same', () => {
    expect(() => compareOutcomes([true], [])).toThrow('not the same');
  });
});

describe('shareInterval', () => {
  it('is that of Wilson', () => {
    const [low, high] = shareInterval(8, 10);
    expect(low).toBeCloseTo(0.4902, 3);
    expect(high).toBeCloseTo(0.9433, 3);
    expect(shareInterval(0, 0)).toEqual([0, 1]);
  });
});
