import { describe, expect, it } from 'vitest';
import { createFileAllowance } from './file-allowance.ts';

const hourMs = 60 * 60_000;

describe('createFileAllowance', () => {
  it('gives each person so many bytes an hour, and then anew', () => {
    let now = 0;
    const allowance = createFileAllowance(100, () => now);
    expect(allowance.has('@ana:x')).toBe(true);
    allowance.spend('@ana:x', 60);
    expect(allowance.has('@ana:x')).toBe(true);
    now = hourMs - 1;
    allowance.spend('@ana:x', 60);
    expect(allowance.has('@ana:x')).toBe(false);
    expect(allowance.has('@ben:x')).toBe(true);
    now = hourMs;
    expect(allowance.has('@ana:x')).toBe(true);
  });

  it('does not grow with the number of people', () => {
    const allowance = createFileAllowance(1, () => 0);
    for (let n = 0; n < 20_000; n += 1) allowance.spend(`@p${n}:x`, 1);
    expect(allowance.has('@p0:x')).toBe(true);
    expect(allowance.has('@p19999:x')).toBe(false);
  });
});
