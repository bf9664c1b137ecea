import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { describe, expect, inject, it } from 'vitest';
import { RedisSetupError } from '#streams/errors';
import { openTransport } from '#streams/open-transport';
import { freePort } from '../support/free-port.ts';
import { redisAt } from '../support/redis-at.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const newKey = () => randomBytes(32).toString('base64');

function open(
  keyPrefix: string,
  key: string | undefined,
  options: { url?: string; signal?: AbortSignal } = {},
) {
  const connection = redisAt(options.url ?? url);
  const signal = options.signal ?? new AbortController().signal;
  const settings = { redis: { connection, keyPrefix, partitions: 4 }, payload: { key } };
  return openTransport(settings, { name: 'test', slot: 'test', log: pino({ enabled: false }), signal });
}

describe('opening the transport', () => {
  it('refuses a payload key that cannot open what the others write', async () => {
    const prefix = uniquePrefix('setup');
    const [own, other] = [newKey(), newKey()];
    await (await open(prefix, own)).close();
    await expect(open(prefix, other)).rejects.toThrow(RedisSetupError);
    await expect(open(prefix, undefined)).rejects.toThrow(/PAYLOAD_KEY/);
    await (await open(prefix, `${other},${own}`)).close();
  });

  it('lets a first payload key be introduced, and holds everybody to it from then on', async () => {
    const prefix = uniquePrefix('setup');
    await (await open(prefix, undefined)).close();
    await (await open(prefix, newKey())).close();
    await expect(open(prefix, undefined)).rejects.toThrow(RedisSetupError);
  });

  it('gives up at once when it is told to stop while Redis is away', async () => {
    const stop = new AbortController();
    const opening = open('none', undefined, {
      url: `redis://127.0.0.1:${await freePort()}`,
      signal: stop.signal,
    });
    stop.abort(new Error('told to stop'));
    await expect(opening).rejects.toThrow('told to stop');
  });
});
