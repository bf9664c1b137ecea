import { describe, expect, it } from 'vitest';
import { createDraftCadence } from './draft-cadence.ts';

describe('createDraftCadence', () => {
  it('lets the first text through at once and spaces edits ever wider, up to ten seconds', () => {
    const time = { now: 0 };
    const cadence = createDraftCadence(() => time.now);
    expect(cadence.waitMs('r', 0)).toBe(0);
    const waits = Array.from({ length: 20 }, (_, edits) => {
      cadence.sent('r');
      const waitMs = cadence.waitMs('r', edits);
      time.now += waitMs;
      return waitMs;
    });
    expect(waits.slice(0, 4)).toEqual([700, 1_000, 1_500, 2_500]);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(Math.max(...waits)).toBe(10_000);
    expect(cadence.waitMs('r', 0)).toBeLessThanOrEqual(700);
  });

  it('allows no more than twenty edits', () => {
    expect(createDraftCadence().waitMs('r', 20)).toBe(Number.POSITIVE_INFINITY);
  });

  it('keeps replies apart, and forgets one that is finished', () => {
    const cadence = createDraftCadence(() => 0);
    cadence.sent('r');
    expect(cadence.waitMs('other', 0)).toBe(0);
    cadence.forget('r');
    expect(cadence.waitMs('r', 0)).toBe(0);
  });
});
