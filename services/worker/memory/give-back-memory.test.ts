import { describe, expect, it } from 'vitest';
import { collectGarbage } from './collect-garbage.ts';
import { createGiveBack } from './give-back-memory.ts';
import { createMemoryLook } from './memory-look.ts';

const mebibyte = 1024 * 1024;

function giveBackAt(
  busy: number,
  youngBytes: number,
): { readonly gave: boolean; readonly collected: number } {
  let collected = 0;
  const tick = createGiveBack({
    look: () => ({ busy, youngBytes }),
    collect: () => {
      collected += 1;
    },
  });
  return { gave: tick(), collected };
}

describe('createGiveBack', () => {
  it('collects where a process that is idle holds much for new objects', () => {
    expect(giveBackAt(0.01, 128 * mebibyte)).toEqual({ gave: true, collected: 1 });
  });

  it('never pauses a process that works', () => {
    expect(giveBackAt(0.3, 128 * mebibyte)).toEqual({ gave: false, collected: 0 });
  });

  it('leaves a process alone that holds little', () => {
    expect(giveBackAt(0, 2 * mebibyte)).toEqual({ gave: false, collected: 0 });
  });
});

describe('collectGarbage', () => {
  it('frees what nobody has any more, and leaves no gc behind', async () => {
    const dropped = new WeakRef({ text: 'dropped' });
    // A weak reference holds what it points to until the task that made it has ended.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(dropped.deref()).toBeUndefined();
    expect('gc' in globalThis).toBe(false);
  });
});

describe('createMemoryLook', () => {
  it('tells what the process used since the look before, and what it holds', () => {
    const look = createMemoryLook();
    const until = process.cpuUsage().user + 20_000;
    while (process.cpuUsage().user < until);
    const { busy, youngBytes } = look();
    expect(busy).toBeGreaterThan(0);
    expect(youngBytes).toBeGreaterThan(0);
  });
});
