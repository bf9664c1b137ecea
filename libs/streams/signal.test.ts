import { describe, expect, it } from 'vitest';
import { Signal } from './signal.ts';

describe('Signal', () => {
  it('wakes everybody who waits', async () => {
    const signal = new Signal();
    const { version } = signal;
    const waits = [signal.after(version, 60_000), signal.after(version, 60_000)];
    signal.fire();
    await Promise.all(waits);
  });

  it('does not make anybody wait who missed a firing between looking and waiting', async () => {
    const signal = new Signal();
    const { version } = signal;
    signal.fire();
    await signal.after(version, 60_000);
    expect(signal.version).not.toBe(version);
  });

  it('lets go after the timeout', async () => {
    const signal = new Signal();
    await signal.after(signal.version, 1);
  });
});
