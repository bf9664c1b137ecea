import { EventEmitter } from 'node:events';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';
import { eventually } from '../../../tests/support/eventually.ts';
import { beginning } from './cursor.ts';
import { StreamReader } from './stream-reader.ts';

/** A Redis whose every read ends like this. */
function openReader(read: () => Promise<unknown>, signal: AbortSignal) {
  const commands = { xread: read, type: () => Promise.reject(new Error('NOPERM')), client: async () => 1 };
  // What it uses of one.
  const client = Object.assign(new EventEmitter(), {
    ...commands,
    disconnect: () => undefined,
  }) as unknown as RedisClient;
  const reachable: boolean[] = [];
  const reader = new StreamReader({
    connect: () => client,
    commands: client,
    keys: createKeys('test'),
    onReachable: (isReachable) => reachable.push(isReachable),
    log: pino({ level: 'silent' }),
    signal,
  });
  reader.add(0, { positions: beginning, take: () => undefined });
  return { reader, reachable };
}

describe('a stream reader', () => {
  it('waits before it reads again where the key of another type cannot be found', async () => {
    let reads = 0;
    const ended = new AbortController();
    const { reader, reachable } = openReader(async () => {
      reads += 1;
      if (reads > 1_000) ended.abort();
      throw new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
    }, ended.signal);
    await eventually(() => reads > 2);
    expect(ended.signal.aborted).toBe(false);
    expect(reachable).toContain(false);
    reader.stop();
  });

  it('reads nothing any more when it is made after the end', async () => {
    let reads = 0;
    openReader(async () => {
      reads += 1;
      return null;
    }, AbortSignal.abort());
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBe(0);
  });
});
