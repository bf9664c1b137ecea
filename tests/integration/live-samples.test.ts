import { describe, expect, inject, it } from 'vitest';
import { overview } from '../../services/gateway/api/resources.ts';
import { eventually } from '../support/eventually.ts';
import { startGateway } from '../support/start-gateway.ts';
import { messageEntry } from '../support/test-consumer.ts';

const session = '!room:localhost:main:@ana:localhost';

describe('the overview', () => {
  it('shows viewers what waits, and what came and was answered since the sample before', async () => {
    await using gateway = await startGateway(inject('redisUrl'));
    const { publisher, redis, keys } = gateway.transport;
    const ask = gateway.as('@vera:localhost', 'viewer');
    const read = async () => overview.parse((await ask('/api/v1/overview')).body);
    await eventually(async () => (await read()).samples.length > 0);
    // A group that has not read yet lags behind.
    for (const partition of [0, 1, 2, 3]) {
      await redis.xgroup('CREATE', keys.stream(partition, 'inbound'), 'graph', '0', 'MKSTREAM');
    }
    const sentAt = Date.now();
    for (const number of [1, 2]) {
      const entry = messageEntry(number);
      await publisher.publish('inbound', { ...entry, at: new Date(sentAt).toISOString() });
    }
    await publisher.publish('outbound', {
      type: 'reply.finished',
      id: 'reply-1',
      session,
      turn: messageEntry(1).id,
      at: new Date(sentAt + 40).toISOString(),
      body: { reply: '$r', text: 'yes', replyTo: null, revision: 0 },
    });
    // They may lie in two samples that follow each other.
    const samples = await eventually(async () => {
      const { samples: all } = await read();
      const sum = (what: 'messages' | 'replies') => all.reduce((total, one) => total + one[what], 0);
      return sum('messages') === 2 && sum('replies') === 1 && all.at(-1)?.lag === 2 && all;
    });
    expect(samples.find(({ replies }) => replies === 1)).toMatchObject({ p50Ms: 40, p95Ms: 40, failures: 0 });
    const whole = await read();
    expect(whole.redis.version).toMatch(/^\d+\./);
    expect(whole.redis.usedBytes).toBeGreaterThan(0);
    expect(whole.switches).toEqual([]);
    expect((await gateway.as('ana', 'user')('/api/v1/overview')).status).toBe(403);
  });
});
