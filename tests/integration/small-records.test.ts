import { randomBytes } from 'node:crypto';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { executeWrites } from '#checkpoint/execute-writes';
import { createKeys, type Keys } from '#contract/keys';
import { type Opened, openTexts } from '#operations/erase/open-texts';
import { createPayloadCipher } from '#runtime/create-payload-cipher';
import { checkServer } from '#streams/check-server';
import { memberOf } from '../../services/worker/member-version.ts';
import { openLongSeal } from '../../services/worker/turns/small-records.ts';
import { createTurnSavers } from '../../services/worker/turns/turn-savers.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { runCli } from './cli-process.ts';
import { cliPartition, cliSession, openCliStage } from './cli-stage.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());

const long = JSON.stringify({ role: 'user', text: 'How do I reset two-factor authentication? '.repeat(30) });
const here = memberOf('worker-1', 1);
const older = 'worker-2-77-0a1b2c3d';

function sealsOf(keys: Keys) {
  const cipher = createPayloadCipher(undefined);
  return {
    redis,
    keys,
    sealBody: (json: string) => cipher.seal(json, 'a'),
    sealSmall: (json: string) => cipher.sealSmall(json, 'a'),
  };
}

describe('long records', () => {
  it('are small where no release before was ever at work, as long as every live worker can read that', async () => {
    const keys = createKeys(uniquePrefix('small'));
    await checkServer(redis, keys, 4);
    let members: string[] = [];
    const seal = await openLongSeal(sealsOf(keys), 'auto', () => members);
    expect(seal(long)).toBe(long);
    members = [here];
    expect(seal(long)).toMatch(/^zip1\./);
    members = [here, older];
    expect(seal(long)).toBe(long);
    members = [here, memberOf('worker-2', 3)];
    expect(seal(long)).toMatch(/^zip1\./);
  });

  it('F52: stay as they were where a release before was at work, until an operator gives up the way back', async () => {
    const keys = createKeys(uniquePrefix('small'));
    await redis.hset(keys.settings(), 'partitions', '4', 'contract', '1');
    await checkServer(redis, keys, 4);
    const sealAs = (setting: 'auto' | 'on' | 'off', members = [here]) =>
      openLongSeal(sealsOf(keys), setting, () => members);
    expect((await sealAs('auto'))(long)).toBe(long);
    expect((await sealAs('on'))(long)).toMatch(/^zip1\./);
    expect((await sealAs('on', [here, older]))(long)).toBe(long);
    expect((await sealAs('off'))(long)).toBe(long);
  });
});

const State = Annotation.Root({
  said: Annotation<string[]>({ reducer: (before, added) => [...before, ...added], default: () => [] }),
});
const builder = new StateGraph(State)
  .addNode('end', () => ({}))
  .addEdge(START, 'end')
  .addEdge('end', END);

describe.each([
  ['without a key', undefined],
  ['with a key', randomBytes(32).toString('base64')],
])('a conversation %s', (_what, key) => {
  const cipher = createPayloadCipher(key);
  const openBody = (sealed: string) => cipher.open(sealed, 'a');
  const sealBody = (json: string) => cipher.seal(json, 'a');
  const sealLong = (json: string) => cipher.sealSmall(json, 'a');
  const config = { configurable: { thread_id: 't' }, durability: 'exit' as const };

  it('goes on through turns that were written small and turns that were not, in processes that have read neither', async () => {
    const keys = createKeys(uniquePrefix('small'));
    const deps = { redis, keys, sessionTtlMs: 60_000, sealBody, openBody };
    const words: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      words.push(`turn ${turn}: ${randomBytes(600).toString('hex')}`);
      const savers = createTurnSavers(turn % 2 === 0 ? { ...deps, sealLong } : deps)(0);
      const graph = builder.compile({ checkpointer: savers.conversation });
      const { said } = await graph.invoke({ said: words.slice(-1) }, config);
      expect(said).toEqual(words);
      await executeWrites(redis, savers.takeWrites() as Parameters<typeof executeWrites>[1]);
      await savers.committed();
    }
    const stored = await redis.hvals(`${keys.thread(0, 't')}:data`);
    const form = key === undefined ? /\nzip1\./ : /\nenc2\./;
    expect(stored.filter((value) => form.test(value))).toHaveLength(3);
  });

  it('is seen through by whoever looks for a person in it', () => {
    const value = `- 0 json\n${sealLong(JSON.stringify(['x'.repeat(900), '@ann:example.org']))}`;
    expect(value).not.toContain('@ann:example.org');
    const opened: Opened = openTexts([value], { open: openBody, hasKey: key !== undefined });
    expect(opened.texts.join('\n')).toContain('@ann:example.org');
    expect(opened.closed).toBe(0);
  });
});

it('vagent sessions show --checkpoint tells in clear what a conversation goes on from', async () => {
  const { keys, env } = await openCliStage(redis, inject('redisUrl'), 'small');
  const key = randomBytes(32).toString('base64');
  const cipher = createPayloadCipher(key);
  const deps = {
    redis,
    keys,
    sessionTtlMs: 60_000,
    sealBody: (json: string) => cipher.seal(json, 'entry body'),
    sealLong: (json: string) => cipher.sealSmall(json, 'entry body'),
    openBody: (sealed: string) => cipher.open(sealed, 'entry body'),
  };
  const savers = createTurnSavers(deps)(cliPartition);
  const config = { configurable: { thread_id: cliSession }, durability: 'exit' as const };
  const said = [`How do I reset two-factor authentication? ${randomBytes(600).toString('hex')}`];
  await builder.compile({ checkpointer: savers.conversation }).invoke({ said }, config);
  await executeWrites(redis, savers.takeWrites() as Parameters<typeof executeWrites>[1]);
  const args = ['sessions', 'show', cliSession, '--checkpoint'];
  const shown = await runCli(args, { ...env, PAYLOAD_KEY: key });
  expect(shown.stderr).toBe('');
  expect(JSON.parse(shown.stdout)).toMatchObject({ said });
  expect(
    await runCli(['sessions', 'show', '!none:localhost:main:@ana:localhost', '--checkpoint'], {
      ...env,
      PAYLOAD_KEY: key,
    }),
  ).toMatchObject({
    stderr: expect.stringContaining('No checkpoint'),
  });
});
