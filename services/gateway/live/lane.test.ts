import { EventEmitter } from 'node:events';
import pino from 'pino';
import { expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';
import { eventually } from '../../../tests/support/eventually.ts';
import { formatCursor } from './cursor.ts';
import { Lane } from './lane.ts';
import { StreamReader } from './stream-reader.ts';
import { toLiveEvent } from './to-live-event.ts';

it('takes in at once who has missed nothing, while others are brought up', async () => {
  const ended = new AbortController();
  let isCatchingUp = false;
  const never = new Promise<never>(() => undefined);
  // A Redis with one entry in each stream, where what was missed takes for ever to read.
  const redis = Object.assign(new EventEmitter(), {
    xrevrange: async () => [['5-0', []]],
    xrange: () => {
      isCatchingUp = true;
      return never;
    },
    xread: () => never,
    client: async () => 1,
    disconnect: () => undefined,
  }) as unknown as RedisClient;
  const shared = {
    keys: createKeys('test'),
    log: pino({ level: 'silent' }),
    signal: ended.signal,
    onReachable: () => undefined,
  };
  const reader = new StreamReader({ ...shared, connect: () => redis, commands: redis });
  const lane = new Lane(
    {
      ...shared,
      redis,
      toEvent: ({ fields, positions }) =>
        toLiveEvent(
          { ok: false, problem: 'unreadable', reason: 'no entry' },
          fields,
          formatCursor(positions),
        ),
      readerOf: () => reader,
      inTurn: (work) => work(),
    },
    0,
  );
  const follower = { onEvent: () => undefined, onReachable: () => undefined };
  lane.follow('late', ['1-0', '1-0', '1-0'], follower);
  await eventually(() => isCatchingUp);
  await lane.follow('new', null, follower).caughtUp;
  const ahead = lane.follow('ahead', ['6-0', '5-0', '5-0'], follower);
  expect(ahead.cursor()).toBe('6-0,5-0,5-0');
  ended.abort();
});
