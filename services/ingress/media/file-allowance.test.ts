import { describe, expect, it } from 'vitest';
import { createFileAllowance } from './file-allowance.ts';

const hourMs = 60 * 60_000;

describe('createFileAllowance', () => {
  it.each([
    { name: 'bytes', one: { bytes: 60, waitMs: 0 } },
    { name: 'time', one: { bytes: 0, waitMs: 60 } },
  ])('gives each person so much $name an hour, and then anew', ({ one }) => {
    let now = 0;
    const allowance = createFileAllowance({ bytes: 100, waitMs: 100 }, { now: () => now });
    expect(allowance.has('@ana:x')).toBe(true);
    allowance.spend('@ana:x', one);
    expect(allowance.has('@ana:x')).toBe(true);
    now = hourMs - 1;
    allowance.spend('@ana:x', one);
    expect(allowance.has('@ana:x')).toBe(false);
    expect(allowance.has('@ben:x')).toBe(true);
    now = hourMs;
    expect(allowance.has('@ana:x')).toBe(true);
  });

  it('does not grow with the number of people', () => {
    const allowance = createFileAllowance({ bytes: 1, waitMs: 1 }, { now: () => 0 });
    for (let n = 0; n < 20_000; n += 1) allowance.spend(`@p${n}:x`, { bytes: 1, waitMs: 0 });
    expect(allowance.has('@p0:x')).toBe(true);
    expect(allowance.has('@p19999:x')).toBe(false);
  });
});
