import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisBudgets } from '#agents/budgets/create-redis-budgets';
import { createFlags } from '#agents/flags/create-flags';
import { createRedisCanaries } from '#agents/flags/create-redis-canaries';
import { createRedisMemory } from '#agents/memory/create-redis-memory';
import { type RedisCluster, startCluster } from '../support/start-cluster.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { limited, use } from './budgets-suite.ts';
import { ann, canaryText } from './flags-suite.ts';
import { memoryAt, memoryPolicy, subjectOf } from './memory-suite.ts';

let servers: RedisCluster;
let redis: Cluster;
beforeAll(async () => {
  servers = await startCluster();
  redis = new Cluster(servers.nodes);
});
afterAll(async () => {
  await redis?.quit();
  await servers?.stop();
});

const plain = { seal: (text: string) => text, open: (text: string) => text };
const people = Array.from({ length: 8 }, (_, i) => subjectOf(`@{user}${i}:acme.example`));

describe('on a Redis Cluster', () => {
  it('memories are kept, reported and erased, of people in many slots', async () => {
    const memory = createRedisMemory({
      redis,
      prefix: uniquePrefix('cluster'),
      policy: memoryPolicy,
      ...plain,
    });
    for (const [i, person] of people.entries()) await memory.remember(person, memoryAt(i));
    const alerts = [];
    for (const [i, person] of people.entries()) alerts.push(await memory.report(person, '{topic}', `$${i}`));
    expect(alerts.filter((count) => count !== null)).toEqual([3]);
    const [first = subjectOf('@nobody:acme.example')] = people;
    expect(await memory.recall(first)).toHaveLength(2);
    expect(await memory.erase(first.user)).toBe(1);
    expect(await memory.recall(first)).toEqual([expect.stringContaining('7 conversations')]);
  });

  it('budgets of a user and a room are in slots of their own', async () => {
    const budgets = createRedisBudgets({ redis, prefix: uniquePrefix('cluster'), policy: limited });
    for (const { user } of people) {
      const spender = { user, room: `!room-of-${user}` };
      await budgets.spend(spender, '$1', use(100));
      expect(await budgets.exhausted(spender)).toMatchObject({ scope: 'user', spent: 100 });
      expect(await budgets.raise({ scope: 'user', who: user, what: 'tokens' }, 'k')).toBe(200);
      expect(await budgets.exhausted(spender)).toBeUndefined();
    }
  });

  it('canaries are rolled back', async () => {
    await using flags = await createFlags({
      text: canaryText,
      canaries: createRedisCanaries({ redis, prefix: uniquePrefix('cluster') }),
    });
    const told = [];
    for (let i = 0; i < 4; i += 1) told.push(await flags.report('new', ann, 'error', `$${i}`));
    expect(told[3]).toContain('rolled back');
    expect(await flags.isOn('new', ann)).toBe(false);
  });
});
