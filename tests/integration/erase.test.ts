import { randomBytes } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createRedisProcedures } from '#agents/conversation/create-redis-procedures';
import { eraseMemories } from '#agents/memory/erase-memories';
import { shortDigest } from '#agents/memory/memory-keys';
import { encodeKeyPart } from '#checkpoint/key-part';
import { partitionOf } from '#contract/partition-of';
import { type EraseDeps, erasePerson, findPerson, unexplained } from '#operations/erase/erase-person';
import type { RedisConnection } from '#runtime/redis-settings';
import { openTransport, type Transport } from '#streams/open-transport';
import { redisAt } from '../support/redis-at.ts';
import { startCluster } from '../support/start-cluster.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { readEverything } from './erase-world.ts';

const url = new URL(inject('redisUrl'));
const redis = new Redis(url.href);
afterAll(() => redis.quit());
const single = redisAt(url.href);
const ana = '@ana:localhost';
const session = `!room:localhost:main:${ana}`;

function open(prefix: string, key: string | undefined, connection = single): Promise<Transport> {
  const settings = { redis: { connection, keyPrefix: prefix, partitions: 8 }, payload: { key } };
  const log = pino({ enabled: false });
  return openTransport(settings, { name: 'erase', slot: 'erase', log, signal: AbortSignal.timeout(10_000) });
}

function depsOf(transport: Transport, prefix: string): EraseDeps {
  return {
    transport,
    prefix,
    inKeys: encodeKeyPart,
    digests: [shortDigest(ana)],
    eraseMemories: () => eraseMemories({ redis: transport.redis, prefix }, ana),
  };
}
const options = { by: 'cli:test', waitMs: 300 };

describe('erasing a person', () => {
  it('looks into what is sealed: whose it is stands nowhere else', async () => {
    const prefix = uniquePrefix('erase-sealed');
    await using transport = await open(prefix, randomBytes(32).toString('base64'));
    const { keys, sealBody } = transport;
    const record = { id: '0123456789ABCDEFGHJK', interrupt: 'i', session, requester: ana };
    await redis.hset(keys.approval(1, record.id), {
      record: sealBody(JSON.stringify(record)),
      status: 'approved',
    });
    await redis.set(keys.decidedApproval(1, '012345'), record.id);
    await redis.hset(
      `${keys.thread(1, encodeKeyPart(`approval:${record.id}`))}:data`,
      'c:a',
      sealBody('{"args":1}'),
    );
    await redis.hset(keys.approval(1, 'ZZZ3456789ABCDEFGHJK'), {
      record: sealBody(
        JSON.stringify({
          ...record,
          id: 'ZZZ3456789ABCDEFGHJK',
          session: session.replace('ana', 'bob'),
          requester: '@bob:localhost',
          decided: [{ by: ana }],
        }),
      ),
    });
    const deps = depsOf(transport, prefix);
    const found = await findPerson(deps, ana);
    expect(found.findings.filter(({ isTheirs }) => isTheirs)).toHaveLength(3);
    const done = await erasePerson(deps, ana, options);
    expect(unexplained(done.proof)).toEqual([]);
    expect(done.removed).toEqual(
      new Map([
        ['approvals', 1],
        ['codes of approvals', 1],
        ['checkpoints', 1],
      ]),
    );
    expect(await redis.exists(keys.approval(1, 'ZZZ3456789ABCDEFGHJK'))).toBe(1);
    expect(done.proof.findings).toMatchObject([{ isTheirs: false, area: { kind: 'approvals' } }]);
  });

  it('takes what they asked out of the procedures that reviewers wrote, and leaves what others asked', async () => {
    const prefix = uniquePrefix('erase-procedures');
    await using transport = await open(prefix, randomBytes(32).toString('base64'));
    const key = transport.keys.procedures();
    const procedures = createRedisProcedures({ ...transport, key });
    const kept = {
      topic: 'billing',
      request: 'my boat',
      text: 'Ask the harbour.',
      at: '2026-01-01T00:00:00Z',
    };
    await procedures.keep({ ...kept, id: 'theirs', session, by: '@bob:localhost' });
    const others = { ...kept, id: 'others', session: session.replace('ana', 'cleo'), by: ana };
    await procedures.keep(others);
    const done = await erasePerson(depsOf(transport, prefix), ana, options);
    expect(done.removed).toEqual(new Map([['procedures that they had asked for', 1]]));
    expect(await procedures.list()).toEqual([others]);
    expect(done.proof.findings).toMatchObject([{ isTheirs: false, at: 'others' }]);
  });

  it('does not call proven what it cannot open', async () => {
    const prefix = uniquePrefix('erase-closed');
    const key = randomBytes(32).toString('base64');
    await using transport = await open(prefix, key);
    await using former = await open(uniquePrefix('erase-former'), randomBytes(32).toString('base64'));
    await redis.hset(
      transport.keys.approval(1, '0123456789ABCDEFGHJK'),
      'record',
      former.sealBody(`{"session":"${session}"}`),
    );
    const { proof } = await erasePerson(depsOf(transport, prefix), ana, options);
    expect(proof.closed).toBe(1);
  });

  it('is not fooled by people who write what looks sealed', async () => {
    const prefix = uniquePrefix('erase-looks');
    await using transport = await open(prefix, undefined);
    const bobs = session.replace('ana', 'bob');
    await transport.publisher.publish('outbound', {
      type: 'reply.finished',
      id: 'r',
      session: bobs,
      at: new Date().toISOString(),
      body: { reply: 'r', text: 'look: enc1.aaaaaaaa.bbbb.cccc', replyTo: null, revision: 1 },
    });
    const { proof } = await erasePerson(depsOf(transport, prefix), ana, options);
    expect(proof.closed).toBe(0);
  });

  it('tells of keys that name somebody and that it does not know', async () => {
    const prefix = uniquePrefix('erase-unknown');
    await using transport = await open(prefix, undefined);
    await redis.set(`${prefix}:something-new`, `about ${ana}`);
    const { proof } = await erasePerson(depsOf(transport, prefix), ana, options);
    expect(unexplained(proof).map(({ key }) => key)).toEqual([`${prefix}:something-new`]);
  });

  it('removes ten thousand entries, and what comes from others in between stays', async () => {
    const prefix = uniquePrefix('erase-many');
    await using transport = await open(prefix, undefined);
    const stream = transport.keys.stream(partitionOf(session, 8), 'outbound');
    const pipeline = redis.pipeline();
    for (let i = 0; i < 10_000; i++)
      pipeline.xadd(
        stream,
        '*',
        'session',
        i % 2 === 0 ? session : session.replace('ana', 'bob'),
        'body',
        `{"text":"n${i}"}`,
      );
    await pipeline.exec();
    const done = await erasePerson(depsOf(transport, prefix), ana, options);
    expect(done.removed.get('replies')).toBe(5_000);
    expect(await redis.xlen(stream)).toBe(5_000);
  });

  it('works on a Redis Cluster, with conversations that go on in several slots', async () => {
    await using servers = await startCluster();
    const access = { username: undefined, password: undefined, tls: false };
    const connection: RedisConnection = { form: 'cluster', nodes: servers.nodes, ...access };
    const prefix = 'vagent';
    await using transport = await open(prefix, undefined, connection);
    const cluster = transport.redis;
    if (!(cluster instanceof Cluster)) throw new Error('Not a cluster');
    const sessions = Array.from({ length: 6 }, (_, room) => `!room${room}:localhost:main:${ana}`);
    const partitions = new Set(sessions.map((one) => partitionOf(one, 8)));
    expect(partitions.size).toBeGreaterThan(2);
    for (const [index, one] of sessions.entries()) {
      await transport.publisher.publish('inbound', messageEntry(index, { session: one, text: 'a secret' }));
      await cluster.set(transport.keys.sessionOf(`$e${index}`), one);
    }
    await using worker = await startTestConsumer(connection, prefix, 'w1', {
      handle: async () => ({ outcome: 'reset' }),
      partitions: 8,
    });
    const done = await erasePerson(depsOf(transport, prefix), ana, { ...options, waitMs: 20_000 });
    await worker.stop();
    expect(done.late).toEqual([]);
    expect(unexplained(done.proof)).toEqual([]);
    const all = await readEverything(cluster, prefix, cluster.nodes('master'));
    const named = [...all].filter(
      ([key, text]) => `${key}${text}`.includes(ana) || text.includes('a secret'),
    );
    expect(named).toEqual([]);
  });
});
