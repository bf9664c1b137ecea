import pino from 'pino';
import { describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { openTransport } from '#streams/open-transport';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { SystemProcess } from '../support/system-process.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redisUrl = inject('redisUrl');
const session = '!room:localhost:main:@ana:localhost';
const log = pino({ level: 'silent' });

describe('clock, killed', () => {
  it.each(['clock.before-publish', 'clock.after-publish'])(
    'fires a timer once when it dies at %s',
    async (failpoint) => {
      const keyPrefix = uniquePrefix('clock-kills');
      const { signal } = new AbortController();
      const redisSettings = { connection: redisAt(redisUrl), keyPrefix, partitions: 2 };
      const settings = { redis: redisSettings, payload: { key: undefined } };
      await using transport = await openTransport(settings, { name: 'test', slot: 'test', log, signal });
      const clock = new SystemProcess('clock-1', 'clock', {
        PATH: process.env['PATH'] ?? '',
        REDIS_URL: redisUrl,
        KEY_PREFIX: keyPrefix,
        STREAM_PARTITIONS: '2',
      });
      const at = new Date().toISOString();
      const body = { timer: 'check', kind: 'turn.check', dueAt: at, data: null } as const;
      await clock.start({ FAILPOINT: `${failpoint}:kill` });
      await transport.publisher.publish('timers', { type: 'timer.set', id: 'set-1', session, at, body });
      expect(await clock.ended()).toMatchObject({ signal: 'SIGKILL' });
      await clock.start();
      const { redis, keys } = transport;
      const partition = partitionOf(session, 2);
      await eventually(async () => (await redis.hlen(keys.timers(partition))) === 0, { withinMs: 25_000 });
      expect(await redis.xlen(keys.stream(partition, 'inbound'))).toBe(1);
      expect(await clock.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    },
  );
});
