import { describe, expect, test } from 'vitest';
import { formatBytes, formatCost, formatCount } from './format-amount.ts';
import { formatDuration } from './format-duration.ts';

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [839.6, '840 ms'],
    [999.6, '1.0 s'],
    [1_234, '1.2 s'],
    [9_960, '10 s'],
    [59_700, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [100 * 3_600_000, '4 d 4 h'],
    [Number.NaN, '–'],
    [-5, '0 ms'],
  ])('%d ms are said as %s', (ms, said) => {
    expect(formatDuration(ms)).toBe(said);
  });
});

describe('amounts', () => {
  test.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_536, '1.5 KB'],
    [250 * 1_024 * 1_024, '250 MB'],
  ])('%d bytes are said as %s', (bytes, said) => {
    expect(formatBytes(bytes)).toBe(said);
  });

  test('counts have their thousands apart', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
  });

  test.each([
    [0, '0'],
    [0.00001, '< 0.0001'],
    [0.001234, '0.0012'],
    [0.5, '0.5'],
    [12.345, '12.35'],
  ])('a cost of %d is said as %s', (cost, said) => {
    expect(formatCost(cost)).toBe(said);
  });
});
