import { describe, expect, it } from 'vitest';
import { TransactionMemory } from './transaction-memory.ts';

const minuteMs = 60_000;

describe('TransactionMemory', () => {
  it('runs the work of one key once, also when it is asked for twice at the same time', async () => {
    const memory = new TransactionMemory(() => 0);
    let runs = 0;
    const work = (): number => {
      runs += 1;
      return runs;
    };
    expect(await Promise.all([memory.fetchOrRun('a', work), memory.fetchOrRun('a', work)])).toEqual([1, 1]);
    expect(await memory.fetchOrRun('b', work)).toBe(2);
  });

  it('forgets a failure, so that the retry runs again', async () => {
    const memory = new TransactionMemory(() => 0);
    const failing = memory.fetchOrRun('a', () => {
      throw new Error('rate limited');
    });
    await expect(failing).rejects.toThrow('rate limited');
    expect(await memory.fetchOrRun('a', () => 'sent')).toBe('sent');
  });

  it('remembers for at least 30 minutes and at most 61', async () => {
    let now = 0;
    const memory = new TransactionMemory(() => now);
    await memory.fetchOrRun('a', () => 'first');
    now = 29 * minuteMs;
    expect(await memory.fetchOrRun('a', () => 'second')).toBe('first');
    now = 31 * minuteMs;
    await memory.fetchOrRun('other', () => 'x');
    now = 62 * minuteMs;
    expect(await memory.fetchOrRun('a', () => 'third')).toBe('third');
  });

  it('forgets everything at a restart', async () => {
    const memory = new TransactionMemory(() => 0);
    await memory.fetchOrRun('a', () => 'first');
    memory.forget();
    expect(await memory.fetchOrRun('a', () => 'second')).toBe('second');
  });
});
