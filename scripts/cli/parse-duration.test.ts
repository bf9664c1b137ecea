import { expect, it } from 'vitest';
import { parseDuration } from './parse-duration.ts';

it('reads a number and a unit, and nothing else', () => {
  expect(['90s', '30m', '12 h', ' 7d '].map(parseDuration)).toEqual([
    90_000, 1_800_000, 43_200_000, 604_800_000,
  ]);
  for (const text of ['', '7', 'd', '-1d', '1.5h', '7w', '1h30m', '9999999s']) {
    expect(parseDuration(text)).toBeUndefined();
  }
});
