import { describe, expect, it } from 'vitest';
import { type BreakerPass, createBreakers } from './create-breakers.ts';

function openBreakers() {
  const clock = { ms: 0 };
  const breakers = createBreakers({ threshold: 3, coolDownMs: 1_000, now: () => clock.ms, random: () => 0 });
  const pass = (tool = 'mail'): BreakerPass => {
    const answer = breakers.start(tool);
    if (answer.isOpen) throw new Error(`open for ${answer.retryInMs} ms`);
    return answer;
  };
  const fail = (times: number) => {
    for (let n = 0; n < times; n += 1) pass().settle('bad');
  };
  return { clock, breakers, pass, fail };
}

describe('createBreakers', () => {
  it('opens after so many bad calls in a row, for that tool alone', () => {
    const { breakers, pass, fail } = openBreakers();
    fail(2);
    pass().settle('ok');
    fail(3);
    expect(breakers.start('mail')).toEqual({ isOpen: true, retryInMs: 1_000 });
    expect(pass('other').isOpen).toBe(false);
  });

  it('lets one call through after the cool-down, and closes when it is good', () => {
    const { clock, breakers, pass, fail } = openBreakers();
    fail(3);
    clock.ms = 1_000;
    const probe = pass();
    expect(breakers.start('mail').isOpen).toBe(true);
    probe.settle('ok');
    expect(breakers.start('mail').isOpen).toBe(false);
    expect(breakers.start('mail').isOpen).toBe(false);
  });

  it('stays open longer each time that the probe is bad, up to eight times', () => {
    const { clock, breakers, pass, fail } = openBreakers();
    fail(3);
    const waits = [2_000, 4_000, 8_000, 8_000].map((expected) => {
      clock.ms += 100_000;
      pass().settle('bad');
      return { expected, answer: breakers.start('mail') };
    });
    for (const { expected, answer } of waits) expect(answer).toEqual({ isOpen: true, retryInMs: expected });
  });

  it('is not opened by calls that were given up, and a probe that was given up makes room for another', () => {
    const { clock, breakers, pass, fail } = openBreakers();
    for (let n = 0; n < 9; n += 1) pass().settle('neither');
    fail(3);
    clock.ms = 1_000;
    pass().settle('neither');
    expect(breakers.start('mail').isOpen).toBe(false);
  });

  it('is not closed by a call that began before it opened', () => {
    const { breakers, pass, fail } = openBreakers();
    const early = pass();
    fail(3);
    early.settle('ok');
    expect(breakers.start('mail').isOpen).toBe(true);
  });

  it('spreads the end of the cool-down', () => {
    const breakers = createBreakers({ threshold: 1, coolDownMs: 1_000, now: () => 0, random: () => 0.5 });
    const first = breakers.start('mail');
    if (!first.isOpen) first.settle('bad');
    expect(breakers.start('mail')).toEqual({ isOpen: true, retryInMs: 1_250 });
  });

  it('counts for metrics', () => {
    const { clock, breakers, pass, fail } = openBreakers();
    pass().settle('ok');
    fail(3);
    breakers.start('mail');
    const counts = { tool: 'mail', ok: 1, bad: 3, refused: 1, opened: 1 };
    expect(breakers.counts()).toEqual([{ ...counts, state: 'open' }]);
    clock.ms = 5_000;
    expect(breakers.counts()).toEqual([{ ...counts, state: 'half_open' }]);
  });
});
