import { describe, expect, it } from 'vitest';
import { createSendPauses } from './send-pauses.ts';

function pausesAt(time: { now: number }) {
  return createSendPauses(
    () => time.now,
    () => 0,
  );
}

describe('createSendPauses', () => {
  it('waits as long as it was asked to, at most five minutes', () => {
    const time = { now: 0 };
    const pauses = pausesAt(time);
    expect(pauses.refused('!a', 30_000)).toBe(30_000);
    expect(pauses.remainingMs('!a')).toBe(30_000);
    time.now = 30_000;
    expect(pauses.remainingMs('!a')).toBe(0);
    expect(pauses.refused('!a', 10_000_000)).toBe(300_000);
    expect(pauses.refused('!a', 12.5)).toBe(13);
  });

  it('doubles its own guess up to a minute, and begins anew after a success', () => {
    const pauses = pausesAt({ now: 0 });
    const waits = Array.from({ length: 8 }, () => pauses.refused('!a', null));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    pauses.accepted('!a');
    expect(pauses.refused('!a', null)).toBe(1_000);
  });

  it('lets other rooms go on until a third one is refused too', () => {
    const time = { now: 0 };
    const pauses = pausesAt(time);
    pauses.refused('!a', 5_000);
    pauses.refused('!b', 9_000);
    expect(pauses.remainingMs('!other')).toBe(0);
    pauses.refused('!c', 1_000);
    expect(pauses.remainingMs('!other')).toBe(9_000);
    time.now = 9_000;
    expect(pauses.remainingMs('!other')).toBe(0);
  });
});
