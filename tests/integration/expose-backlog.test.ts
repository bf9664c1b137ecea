import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { exposeBacklog } from '#operations/streams/expose-backlog';
import { createMetrics } from '#runtime/create-metrics';
import type { Transport } from '#streams/open-transport';
import { createPublisher } from '#streams/publish';
import { messageEntry } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.quit());

function setUp(client: Redis) {
  const keys = createKeys(uniquePrefix('backlog'));
  const transport = { redis: client, keys, partitions: 4 } as const;
  const metrics = createMetrics({ service: 'gateway' });
  // The reader of states uses these three of a transport.
  exposeBacklog(transport as unknown as Transport, metrics);
  const backlog = async (group: string): Promise<number | undefined> => {
    const line = (await metrics.registry.metrics())
      .split('\n')
      .find((one) => one.startsWith('vagent_backlog_entries{') && one.includes(`group="${group}"`));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  return { keys, backlog, publisher: createPublisher({ redis: client, keys, partitions: 4 }) };
}

describe('the backlog that an autoscaler asks for', () => {
  it('is one as soon as one entry waits, although no worker has ever run', async () => {
    const { backlog, publisher } = setUp(redis);
    expect(await backlog('graph')).toBe(0);
    await publisher.publish('inbound', messageEntry(1));
    expect(await backlog('graph')).toBe(1);
    expect(await backlog('egress')).toBe(0);
  });

  it('counts what is read and not finished, until it is finished', async () => {
    const { keys, backlog, publisher } = setUp(redis);
    const { partition } = await publisher
      .publish('inbound', messageEntry(randomBytes(2).readUInt16BE()))
      .then(async () => {
        const lengths = await Promise.all([0, 1, 2, 3].map((one) => redis.xlen(keys.stream(one, 'inbound'))));
        return { partition: lengths.indexOf(1) };
      });
    const stream = keys.stream(partition, 'inbound');
    await redis.xgroup('CREATE', stream, 'graph', '0');
    await redis.xreadgroup('GROUP', 'graph', 'a', 'STREAMS', stream, '>');
    expect(await backlog('graph')).toBe(1);
    const [entry] = await redis.xrange(stream, '-', '+');
    await redis.xack(stream, 'graph', entry?.[0] ?? '');
    expect(await backlog('graph')).toBe(0);
  });

  it('is no figure at all where Redis cannot be asked: a zero would send workers home', async () => {
    const away = new Redis({
      port: 1,
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    away.on('error', () => undefined);
    expect(await setUp(away).backlog('graph')).toBeUndefined();
    away.disconnect();
  });
});
