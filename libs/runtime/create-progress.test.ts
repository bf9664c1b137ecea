import { describe, expect, it } from 'vitest';
import { createProgress } from './create-progress.ts';

function clocked() {
  let now = 1_000;
  const progress = createProgress(() => now);
  const pass = (ms: number): void => {
    now += ms;
  };
  return { progress, pass };
}

describe('createProgress', () => {
  it('is not stalled while nothing is watched', () => {
    expect(clocked().progress.isStalled()).toBe(false);
  });

  it('calls a component stalled after its time without a beat, and well again after one', () => {
    const { progress, pass } = clocked();
    const reader = progress.watch('reader', { stalledAfterMs: 100 });
    progress.watch('slow', { stalledAfterMs: 10_000 });
    pass(100);
    expect(progress.isStalled()).toBe(false);
    pass(1);
    expect(progress.isStalled()).toBe(true);
    expect([...progress.states()]).toEqual([
      ['reader', 'stalled'],
      ['slow', 'ok'],
    ]);
    reader.beat();
    expect(progress.isStalled()).toBe(false);
  });

  it('lets an idle component wait for ever, until its next beat', () => {
    const { progress, pass } = clocked();
    const watch = progress.watch('leader', { stalledAfterMs: 100 });
    watch.idle();
    pass(1_000_000);
    expect(progress.states().get('leader')).toBe('idle');
    watch.beat();
    pass(101);
    expect(progress.isStalled()).toBe(true);
  });

  it('forgets a closed component and lets its name be watched anew', () => {
    const { progress, pass } = clocked();
    const first = progress.watch('reader', { stalledAfterMs: 100 });
    expect(() => progress.watch('reader', { stalledAfterMs: 100 })).toThrow(
      'reader is being watched already',
    );
    first.close();
    progress.watch('reader', { stalledAfterMs: 100 });
    first.close();
    pass(101);
    expect(progress.isStalled()).toBe(true);
  });
});
