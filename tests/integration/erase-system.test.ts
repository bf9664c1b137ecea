import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { verifyAudit } from '#operations/approvals/verify-audit';
import { eventually } from '../support/eventually.ts';
import { type System, startSystem } from '../support/start-system.ts';
import { answerTo, askForDeletion } from '../support/system-talk.ts';
import { runCli } from './cli-process.ts';
import { readEverything } from './erase-world.ts';

describe('vagent erase, in a system that goes on', () => {
  const stack = new AsyncDisposableStack();
  const redis = new Redis(inject('redisUrl'));
  let system: System;
  beforeAll(async () => {
    system = stack.use(await startSystem({ redisUrl: inject('redisUrl'), replicas: { worker: 2 } }));
  }, 360_000);
  afterAll(async () => {
    await stack.disposeAsync();
    await redis.quit();
  }, 60_000);
  afterEach(({ task }) => {
    if (task.result?.state === 'fail')
      process.stderr.write(`\n=== Logs of "${task.name}"\n${system.logs()}\n`);
  });

  it('withdraws what a person asked for, removes them from every key, and serves them anew afterwards', async () => {
    const prefix = system.keys.settings().slice(0, -':settings'.length);
    const { room, user: abe, prompt } = await askForDeletion(system, 'abe', 'Aries');
    const bob = await system.user('bob');
    const bobsRoom = await system.invite(bob);
    await answerTo(system, bobsRoom, await bob.say(bobsRoom, 'How do I reset my 2FA?'));

    const env = {
      REDIS_URL: inject('redisUrl'),
      KEY_PREFIX: prefix,
      VAGENT_DIR: '/nonexistent/vagent',
    };
    const done = await runCli(['erase', abe.userId, '--yes', '--wait', '60'], env);
    expect(done, done.stdout + done.stderr).toMatchObject({ code: 0 });
    expect(done.stdout).toContain('nothing of theirs is left');

    const all = await readEverything(redis, prefix);
    const left = [...all].filter(
      ([key, text]) => `${key} ${text}`.includes(abe.userId) || text.includes('Aries'),
    );
    expect(left.map(([key]) => key).filter((key) => !key.endsWith(':audit'))).toEqual([]);
    const ofApproval = [...all].filter(([key, text]) => `${key} ${text}`.includes(prompt.approval));
    expect(ofApproval.map(([key]) => key).filter((key) => !key.endsWith(':audit'))).toEqual([]);
    const ofBob = [...all].filter(([key, text]) => `${key} ${text}`.includes(bob.userId));
    expect(ofBob.length).toBeGreaterThan(3);
    const [rita] = system.reviewers;
    await eventually(
      async () =>
        (await rita.timeline(system.adminRoom)).some(({ content }) =>
          JSON.stringify(content).includes('Withdrawn'),
        ),
      { withinMs: 10_000, what: 'reviewers see that it was withdrawn' },
    );
    const audited = { redis, keys: system.keys, partitions: system.partitions };
    for await (const verdict of verifyAudit(audited as Parameters<typeof verifyAudit>[0]))
      expect(verdict.isIntact).toBe(true);

    const again = await abe.say(room, 'How do I reset my 2FA?');
    expect((await answerTo(system, room, again)).kind).toBe('reply');
  });
});
