import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createLocalMemory } from '#agents/memory/create-local-memory';
import { createRedisMemory } from '#agents/memory/create-redis-memory';
import type { Memory } from '#agents/memory/memory';
import { shortDigest } from '#agents/memory/memory-keys';
import type { MemoryPolicy } from '#playbook/policies';
import { createPayloadCipher } from '#runtime/create-payload-cipher';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { describeMemory, memoryAt, memoryPolicy, subjectOf } from './memory-suite.ts';

const redis = new Redis(inject('redisUrl'));
const other = new Redis(inject('redisUrl'));
afterAll(() => Promise.all([redis.quit(), other.quit()]));

const cipher = createPayloadCipher(Buffer.alloc(32, 7).toString('base64'));
const seal = {
  seal: (text: string) => cipher.seal(text, 'memory'),
  open: (sealed: string) => cipher.open(sealed, 'memory'),
};

function open(policy: MemoryPolicy, prefix = uniquePrefix('memory'), client = redis): Memory {
  return createRedisMemory({ redis: client, prefix, policy, ...seal });
}

async function allOf(prefix: string): Promise<string> {
  const keys = await redis.keys(`${prefix}:*`);
  const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return keys.map((key, i) => `${key} ${dumps[i]?.toString('latin1')}`).join('\n');
}

describe('the memory in Redis', () => {
  describeMemory(open);

  const ann = subjectOf('@ann:acme.example');

  it('is sealed at rest', async () => {
    const prefix = uniquePrefix('memory');
    const memory = open(memoryPolicy, prefix);
    await memory.remember(ann, memoryAt(1, { summary: 'A secret wish' }));
    const content = await allOf(prefix);
    expect(content).toContain('enc1.');
    expect(content).not.toContain('secret');
    expect(content).not.toContain('billing');
  });

  it('holds no trace of a person who was forgotten, not even a digest', async () => {
    const prefix = uniquePrefix('memory');
    const memory = open(memoryPolicy, prefix);
    await memory.remember(ann, memoryAt(1));
    await memory.remember({ ...ann, organisation: 'umbrella' }, memoryAt(4));
    await memory.report({ ...ann, organisation: 'umbrella' }, 'billing', '$4');
    await memory.remember(subjectOf('@bob:acme.example'), memoryAt(2));
    await memory.report(ann, 'billing', '$1');
    await memory.report(subjectOf('@bob:acme.example'), 'billing', '$2');
    expect(await allOf(prefix)).toContain(shortDigest(ann.user));
    await memory.erase(ann.user);
    const content = await allOf(prefix);
    expect(content).not.toMatch(/ann/);
    expect(content).not.toContain(shortDigest(ann.user));
    expect(content).toContain(shortDigest('@bob:acme.example'));
  });

  it('leaves no key behind when everything has had its time', async () => {
    const prefix = uniquePrefix('memory');
    const memory = open({ ttlSeconds: 0.2, pattern: { users: 1, withinSeconds: 0.2 } }, prefix);
    // Again where the machine takes longer than that.
    await eventually(async () => {
      await memory.remember(ann, memoryAt(1));
      await memory.report(ann, 'billing', '$1');
      return (await redis.keys(`${prefix}:*`)).length > 0;
    });
    await eventually(async () => (await redis.keys(`${prefix}:*`)).length === 0);
  });

  it('keeps a person, and an organisation, in a slot each', async () => {
    const prefix = uniquePrefix('memory');
    await open(memoryPolicy, prefix).remember(ann, memoryAt(1));
    await open(memoryPolicy, prefix).report(ann, '{x}:y', '$1');
    const tags = (await redis.keys(`${prefix}:*`)).map((key) => /\{([^{}]*)\}/.exec(key)?.[1]);
    expect(new Set(tags)).toEqual(
      new Set(['memory:user:@ann%3Aacme.example', 'memory:organisation:acme.example']),
    );
  });

  it('reads around a memory that somebody damaged', async () => {
    const prefix = uniquePrefix('memory');
    const memory = open(memoryPolicy, prefix);
    await memory.remember(ann, memoryAt(1));
    await memory.remember(ann, memoryAt(2));
    const [key = ''] = await redis.keys(`${prefix}:*user*:item:*turn-1`);
    const stored = await redis.get(key);
    await redis.set(key, `${stored?.slice(0, -9)}AAAAAAAAA`);
    expect(await memory.recall(ann)).toEqual([expect.stringContaining('Talk number 2')]);
    await redis.set(key, 'by hand');
    expect(await memory.recall(ann)).toEqual([]);
  });

  it('costs one request for a report, and two for a person of whom nothing is known', async () => {
    const lent = new Redis(inject('redisUrl'));
    await lent.ping();
    await open(memoryPolicy).report(ann, 'billing', '$0');
    const sent: string[] = [];
    const { sendCommand } = lent;
    lent.sendCommand = (...given: Parameters<typeof sendCommand>) => {
      sent.push(given[0].name);
      return sendCommand.apply(lent, given);
    };
    const memory = open(memoryPolicy, uniquePrefix('memory'), lent);
    await memory.report(ann, 'billing', '$1');
    expect(sent.splice(0)).toEqual(['evalsha']);
    await memory.recall(ann);
    expect(sent.splice(0)).toEqual(['zrangebylex', 'zrangebylex']);
    await memory.remember(ann, memoryAt(1));
    sent.splice(0);
    await memory.recall(ann);
    expect(sent).toEqual(['zrangebylex', 'zrangebylex', 'mget', 'mget']);
    await lent.quit();
  });

  it('tells of a pattern once where workers report at the same time', async () => {
    const prefix = uniquePrefix('memory');
    const memories = [open(memoryPolicy, prefix), open(memoryPolicy, prefix, other)];
    const reports = Array.from({ length: 20 }, (_, i) =>
      memories[i % 2]?.report(subjectOf(`@user${i}:acme.example`), 'billing', `$${i}`),
    );
    expect((await Promise.all(reports)).filter((people) => people !== null)).toEqual([3]);
  });

  it('stays within bounds where workers remember at the same time', async () => {
    const prefix = uniquePrefix('memory');
    const memories = [open(memoryPolicy, prefix), open(memoryPolicy, prefix, other)];
    await Promise.all(Array.from({ length: 60 }, (_, i) => memories[i % 2]?.remember(ann, memoryAt(i))));
    expect((await memories[0]?.recall(ann))?.[0]).toContain('Talk number 59');
    expect(await memories[0]?.erase(ann.user)).toBe(50);
  });
});

describe('the memory in a process', () => {
  describeMemory((policy) => createLocalMemory(policy));
});
