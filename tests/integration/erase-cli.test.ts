import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createRedisBudgets } from '#agents/budgets/create-redis-budgets';
import { createRedisMemory } from '#agents/memory/create-redis-memory';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { verifyAudit } from '#operations/approvals/verify-audit';
import { createPublisher } from '#streams/publish';
import { writeDeadLetter } from '../../services/ingress/publishing/write-dead-letter.ts';
import { eventually } from '../support/eventually.ts';
import { messageEntry } from '../support/test-consumer.ts';
import { stageSession, startWorkerStage } from '../support/worker-stage.ts';
import { limited, use } from './budgets-suite.ts';
import { runCli } from './cli-process.ts';
import { type CliStage, openCliStage } from './cli-stage.ts';
import { readEverything } from './erase-world.ts';
import { memoryAt, memoryPolicy, subjectOf } from './memory-suite.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const ana = '@ana:localhost';
const plain = { seal: (text: string) => text, open: (text: string) => text };
const erase = (prefix: string, ...args: string[]) =>
  runCli(['erase', ana, ...args], { REDIS_URL: url, KEY_PREFIX: prefix, VAGENT_DIR: '/nonexistent/vagent' });

/** Where the person, or something that only they said, still stands. */
async function whereIs(prefix: string, needle: string): Promise<string[]> {
  const all = await readEverything(redis, prefix);
  return [...all].filter(([key, text]) => `${key} ${text}`.includes(needle)).map(([key]) => key);
}

describe('vagent erase', () => {
  it('erases a person who talks and waits for an approval, leaves everybody else, and proves it', async () => {
    await using stage = await startWorkerStage(url);
    const { keys, partition, publisher } = stage;
    const prefix = keys.settings().slice(0, -':settings'.length);
    await redis.hset(keys.settings(), { partitions: '4', contract: '1' });
    await stage.say('Please delete the records of project zeppelin');
    const {
      body: { approval },
    } = await stage.output('approvals', 'approval.requested');
    const bobs = '!room:localhost:main:@bob:localhost';
    const bob = messageEntry(900, { session: bobs, text: `ask ${ana} about it` });
    await publisher.publish('inbound', {
      ...bob,
      body: { ...bob.body, sender: '@bob:localhost' },
    } as typeof bob);
    await eventually(async () => (await redis.hlen(keys.accepted(partition))) === 0);
    await eventually(async () => (await redis.get(keys.fact(placeOf(bobs), bob.id)))?.startsWith('done'));
    await seedTraces(prefix, ana, approval.id);

    const planned = await erase(prefix, '--dry-run');
    expect(planned).toMatchObject({ code: 0 });
    expect(planned.stdout).toMatch(/approvals +1\n/);
    expect(planned.stdout).toContain('Nothing was changed');
    expect(await whereIs(prefix, 'zeppelin')).not.toEqual([]);

    const done = await erase(prefix, '--yes');
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toContain('nothing of theirs is left');
    expect(await whereIs(prefix, 'zeppelin')).toEqual([]);
    expect(await whereIs(prefix, approval.id)).toEqual([keys.stream(partition, 'audit')]);
    const named = await whereIs(prefix, ana);
    const partitionOfBobs = placeOf(bobs);
    expect(named.sort()).toEqual(
      [
        keys.stream(partition, 'audit'),
        ...named.filter((key) => key.startsWith(`${prefix}:{${partitionOfBobs}}`) && !key.endsWith('audit')),
      ].sort(),
    );
    expect(await redis.exists(keys.session(partitionOfBobs, bobs))).toBe(1);
    expect(done.stdout).toMatch(/audit lines: they prove/);
    for await (const { isIntact } of verifyAudit({ redis, keys, partitions: 4 } as Parameters<
      typeof verifyAudit
    >[0]))
      expect(isIntact).toBe(true);
    const audit = [...(await readEverything(redis, prefix))].filter(([key]) => key.endsWith(':audit'));
    const line = audit.map(([, text]) => text).find((text) => text.includes('person.erased')) ?? '';
    expect(line.slice(line.indexOf('person.erased'))).not.toContain('ana');

    const again = await erase(prefix, '--yes');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain(`Nothing was there of ${ana}`);
    await stage.say('Hello again');
    await stage.output('outbound', 'reply.finished');
  });

  describe('without services', () => {
    let stage: CliStage;
    beforeEach(async () => {
      stage = await openCliStage(redis, url, 'erase');
    });

    it('erases nothing while no worker lets go of a conversation, and says so', async () => {
      const publisher = createPublisher({ redis, keys: stage.keys, partitions: 4 });
      await publisher.publish('inbound', messageEntry(1, { text: 'a secret' }));
      const stuck = await erase(stage.prefix, '--yes', '--wait', '0.5');
      expect(stuck).toMatchObject({ code: 1 });
      expect(stuck.stdout).toContain(stageSession);
      expect(stuck.stdout).toContain('nothing was erased');
      expect(await whereIs(stage.prefix, 'a secret')).not.toEqual([]);
    });

    it('waits for egress, and tells what it still has in hand', async () => {
      const { keys, prefix } = stage;
      const publisher = createPublisher({ redis, keys, partitions: 4 });
      const stream = keys.stream(placeOf(stageSession), 'outbound');
      await redis.xgroup('CREATE', stream, 'egress', '0', 'MKSTREAM');
      await publisher.publish('outbound', {
        type: 'reply.finished',
        id: 'x#reply',
        session: stageSession,
        at: new Date().toISOString(),
        body: { reply: 'x', text: 'a secret', replyTo: null, revision: 1 },
      });
      const early = await erase(prefix, '--yes', '--wait', '0.2');
      expect(early).toMatchObject({ code: 1 });
      expect(early.stdout).toContain('Still there:\n  replies');
      const [[, [[id = ''] = []] = []] = []] = (await redis.xreadgroup(
        'GROUP',
        'egress',
        'e1',
        'STREAMS',
        stream,
        '>',
      )) as [string, [string, string[]][]][];
      expect(await erase(prefix, '--yes', '--wait', '0.2')).toMatchObject({ code: 1 });
      await redis.xack(stream, 'egress', id);
      expect(await erase(prefix, '--yes', '--wait', '0.2')).toMatchObject({ code: 0 });
      expect(await whereIs(prefix, 'a secret')).toEqual([]);
    });

    it('says what it needs where its Redis user may not look at conversations', async () => {
      const rules = ['on', '>secret', `~${stage.prefix}:*`, '+@all', '-scan'];
      await redis.acl('SETUSER', stage.prefix, ...rules);
      try {
        const env = { ...stage.env, REDIS_USERNAME: stage.prefix, REDIS_PASSWORD: 'secret' };
        const refused = await runCli(['erase', ana], env);
        expect(refused).toMatchObject({ code: 1 });
        expect(refused.stderr).toContain('REDIS_USERNAME=keeper');
      } finally {
        await redis.acl('DELUSER', stage.prefix);
      }
    });

    it.each([
      [['ann']],
      [['@ann:localhost', '--yes', '--dry-run']],
      [[]],
      [['@ann:localhost', '@bob:localhost']],
      [['@ann:localhost', '--wait', 'long']],
    ])('does not understand %j', async (args) => {
      const result = await runCli(['erase', ...args], stage.env);
      expect(result.code).toBe(2);
      expect(result.stderr).toContain('vagent erase --help');
    });
  });
});

/** The partition of a session on these stages. */
function placeOf(session: string): number {
  return partitionOf(session, 4);
}

/** What other services leave behind of somebody. */
async function seedTraces(prefix: string, user: string, approval: string): Promise<void> {
  const keys = createKeys(prefix);
  const partition = partitionOf(stageSession, 4);
  const sealBody = plain.seal;
  await writeDeadLetter(
    { redis, keys, partitions: 4, sealBody },
    { room: '!r:localhost', eventId: '$dead', raw: { sender: user, content: 'zeppelin' }, reason: 'broken' },
  );
  const posted = {
    session: stageSession,
    turn: '$e',
    kind: 'reply',
    reply: 'reply-1',
    approval: null,
    at: 'now',
  };
  await redis.set(keys.posted('$posted'), JSON.stringify(posted));
  await redis.hset(keys.reply(partition, 'reply-1'), { begun: '1', event: '$zeppelin' });
  await redis.set(keys.sessionOf('$event0'), stageSession);
  await redis.hset(keys.prompt(partition, approval), {
    room: '!admin:localhost',
    event: '$zeppelin',
    state: 'open',
  });
  await redis.set(keys.told(partition, stageSession), '1');
  await redis.hset(keys.rate('user', user), { tokens: '3' });
  await redis.hset(keys.vault(partition, stageSession), 'placeholder', 'zeppelin');
  await redis.xadd(
    keys.ciphertext('@bot:localhost'),
    '*',
    'event',
    JSON.stringify({ sender: user, content: {} }),
  );
  await redis.set(keys.consoleSession('digest'), JSON.stringify({ kind: 'consoleSession', value: { user } }));
  const memory = createRedisMemory({ redis, prefix, policy: memoryPolicy, ...plain });
  await memory.remember(subjectOf(user), memoryAt(1, { summary: 'zeppelin' }));
  await memory.report(subjectOf(user), 'billing', '$turn-1');
  const budgets = createRedisBudgets({ redis, prefix, policy: limited });
  await budgets.spend({ user, room: '!r:localhost' }, '$turn-1', use(1));
}
