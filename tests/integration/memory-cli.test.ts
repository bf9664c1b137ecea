import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createRedisMemory } from '#agents/memory/create-redis-memory';
import { createKeys } from '#contract/keys';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { runCli } from './cli-process.ts';
import { memoryAt, memoryPolicy, subjectOf } from './memory-suite.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const prefix = uniquePrefix('forget');
const env = { REDIS_URL: url, KEY_PREFIX: prefix, VAGENT_DIR: '/nonexistent/vagent' };
const forget = (...args: string[]) => runCli(['sessions', 'forget', ...args], env);

describe('vagent sessions forget', () => {
  it('erases what is remembered of a person when it is meant, and says what it was', async () => {
    await redis.hset(createKeys(prefix).settings(), { partitions: '4', contract: '1' });
    const plain = { seal: (text: string) => text, open: (text: string) => text };
    const memory = createRedisMemory({ redis, prefix, policy: memoryPolicy, ...plain });
    const ann = subjectOf('@ann:acme.example');
    const bob = subjectOf('@bob:acme.example');
    await memory.remember(ann, memoryAt(1));
    await memory.remember(ann, memoryAt(2));
    await memory.remember(bob, memoryAt(3));
    expect((await forget(ann.user)).stdout).toContain('Nothing was changed');
    expect(await memory.recall(ann)).toHaveLength(3);
    const done = await forget(ann.user, '--yes');
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toContain('2 conversations with @ann:acme.example');
    expect(await redis.keys(`${prefix}:*ann*`)).toEqual([]);
    expect(await memory.recall(bob)).toHaveLength(1);
    expect((await forget(ann.user, '--yes')).stdout).toBe('Nothing was remembered of @ann:acme.example.\n');
  });

  it.each([[['ann']], [[]], [['@ann', '--yes']]])('asks whom, for %j', async (args) => {
    const { code, stderr } = await forget(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('Whom?');
  });
});
