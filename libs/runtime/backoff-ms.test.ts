import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs } from './backoff-ms.ts';

it('doubles its bound with each attempt up to the cap', () => {
  const almostOne = () => 0.999_999;
  const waits = [1, 2, 3, 4, 5].map((attempt) =>
    backoffMs(attempt, { baseMs: 100, maxMs: 1_000 }, almostOne),
  );
  expect(waits).toEqual([99, 199, 399, 799, 999]);
});

it('spreads waits over the whole range', () => {
  expect(backoffMs(3, { baseMs: 100, maxMs: 1_000 }, () => 0)).toBe(0);
  expect(backoffMs(3, { baseMs: 100, maxMs: 1_000 }, () => 0.5)).toBe(200);
});

it('stays a whole number within its bounds for any attempt', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), unit, (attempt, random) => {
      const wait = backoffMs(attempt, { baseMs: 50, maxMs: 30_000 }, () => random);
      return Number.isInteger(wait) && wait >= 0 && wait <= 30_000;
    }),
  );
});
