import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { approvalCodeOf, approvalIdOf } from '#contract/approval';
import { decodeEntry } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { chainStart, linkRecord } from '#streams/audit-chain';
import { createPublisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { sampleApproval } from '../support/sample-approval.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { runCli, startCli } from './cli-process.ts';
import { cliPartition, cliPartitions, cliSession, openCliStage } from './cli-stage.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const partitions = cliPartitions;
const session = cliSession;
const partition = cliPartition;
let prefix: string;
let keys: Keys;
let env: Record<string, string>;

beforeEach(async () => {
  ({ prefix, keys, env } = await openCliStage(redis, url, 'cli'));
});

const vagent = (...args: string[]) => runCli(args, env);
const linesOf = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('vagent streams', () => {
  it('shows what waits in each stream, and who works on it', async () => {
    const publisher = createPublisher({ redis, keys, partitions });
    await publisher.publish('inbound', messageEntry(1));
    await redis.xgroup('CREATE', keys.stream(partition, 'inbound'), 'graph', '0');
    const { code, stdout } = await vagent('streams', '--json');
    expect(code).toBe(0);
    expect(linesOf(stdout)).toMatchObject([
      {
        partition,
        stream: 'inbound',
        length: 1,
        group: { name: 'graph', lag: 1, pending: 0 },
        lease: { owner: null },
      },
    ]);
    const table = await vagent('streams');
    expect(table.stdout).toMatch(/^partition +stream +length +group +lag +pending +oldest +lease +epoch\n/);
    expect(table.stdout).toContain('nobody');
  });

  it('says so when a key is no stream, and goes on', async () => {
    await redis.set(keys.stream(0, 'inbound'), 'oops');
    const { code, stdout } = await vagent('streams');
    expect(code).toBe(0);
    expect(stdout).toContain('not a stream');
  });
});

describe('vagent dead', () => {
  /** Publishes an entry that the first consumer gives up, and waits for its dead letter. */
  async function giveUp(): Promise<string> {
    const publisher = createPublisher({ redis, keys, partitions });
    const handle = async () => {
      throw new Error('the tool is gone');
    };
    await using _ = await startTestConsumer(redisAt(url), prefix, 'broken', { handle, maxAttempts: 1 });
    await publisher.publish('inbound', messageEntry(1));
    const dead = keys.stream(partition, 'dead');
    const [letter] = await eventually(async () => {
      const letters = await redis.xrange(dead, '-', '+');
      return letters.length > 0 && letters;
    });
    return `${partition}:${letter?.[0]}`;
  }

  it('replays a letter so that it runs, once it is meant, and writes that into the audit', async () => {
    const name = await giveUp();
    const listed = await vagent('dead', 'list', '--json');
    expect(linesOf(listed.stdout)).toMatchObject([
      { letter: name, reason: expect.stringContaining('the tool is gone'), stream: 'inbound' },
    ]);

    const dry = await vagent('dead', 'replay', name);
    expect(dry.stdout).toContain('Nothing was changed');
    expect(await redis.xlen(keys.stream(partition, 'dead'))).toBe(1);

    const replayed = await vagent('dead', 'replay', name, '--yes');
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining(`${name} is entry`) });
    expect(await redis.xlen(keys.stream(partition, 'dead'))).toBe(0);

    const seen: string[] = [];
    await using _ = await startTestConsumer(redisAt(url), prefix, 'mended', {
      handle: async ({ entry }) => {
        seen.push(entry.id);
        return { outcome: 'replied' };
      },
    });
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([messageEntry(1).id]);
    await eventually(
      async () => (await redis.get(keys.fact(partition, messageEntry(1).id))) === 'done:replied',
    );

    const audit = await redis.xrange(keys.stream(partition, 'audit'), '-', '+');
    expect(audit[0]?.[1].slice(0, 2)).toEqual(['type', 'dead.replayed']);
    expect(await vagent('approvals', 'verify')).toMatchObject({
      code: 0,
      stdout: 'The audit is intact (1 lines checked)\n',
    });
  });

  it('replays all, the oldest first, more of them than a page has', async () => {
    const stream = keys.stream(partition, 'inbound');
    const writing = redis.pipeline();
    const numbers = Array.from({ length: 450 }, (_, number) => String(number));
    for (const number of numbers) {
      const tail = ['entry', '1-1', 'stream', stream, 'reason', 'r', 'stage', 'graph', 'attempts', '1'];
      writing.xadd(keys.stream(partition, 'dead'), '*', 'number', number, ...tail);
    }
    await writing.exec();
    const { code, stdout } = await vagent('dead', 'replay', '--all', '--yes');
    expect([code, stdout.split('\n').length]).toEqual([0, numbers.length + 1]);
    const replayed = await redis.xrange(stream, '-', '+');
    expect(replayed.map(([, fields]) => fields)).toEqual(numbers.map((number) => ['number', number]));
    expect((await vagent('dead', 'drop', '--all', '--yes')).stdout).toBe('No dead letters.\n');
  });

  it('drops a letter, once it is meant', async () => {
    const name = await giveUp();
    expect((await vagent('dead', 'drop', name)).stdout).toContain('Nothing was changed');
    expect((await vagent('dead', 'drop', name, '--yes')).stdout).toBe(`${name} is gone\n`);
    expect((await vagent('dead', 'list')).stdout).toBe('No dead letters.\n');
    const again = await vagent('dead', 'drop', name, '--yes');
    expect(again).toMatchObject({
      code: 1,
      stderr: `There is no dead letter ${name}: it was replayed or dropped\n`,
    });
  });

  it('shows bytes that are no text, and replays them as they were', async () => {
    const stream = keys.stream(partition, 'inbound');
    const junk = Buffer.from([0xff, 0x00, 0x1b, 0x5b]);
    const tail = [
      'entry',
      '1-1',
      'stream',
      stream,
      'reason',
      'unreadable',
      'stage',
      'graph',
      'attempts',
      '0',
    ];
    const id = await redis.xadd(keys.stream(partition, 'dead'), '*', 'what', junk, ...tail);
    const shown = await vagent('dead', 'show', `${partition}:${id}`);
    expect(shown.stdout).toContain('0xff001b5b');
    await vagent('dead', 'replay', `${partition}:${id}`, '--yes');
    const [entry] = await redis.xrangeBuffer(stream, '-', '+');
    expect(entry?.[1]).toEqual([Buffer.from('what'), junk]);
  });

  it('refuses to replay what never was an entry', async () => {
    const id = await redis.xadd(
      keys.stream(0, 'dead'),
      '*',
      'room',
      '!r:x',
      'raw',
      '{}',
      'reason',
      'no type',
      'stage',
      'ingress',
      'attempts',
      '1',
    );
    const { code, stdout } = await vagent('dead', 'replay', `0:${id}`, '--yes');
    expect(code).toBe(1);
    expect(stdout).toContain('never was an entry');
    expect(await redis.xlen(keys.stream(0, 'dead'))).toBe(1);
  });
});

describe('vagent approvals', () => {
  const approval = sampleApproval({
    id: approvalIdOf(session, '$turn', 'i'),
    session,
    reason: 'deletes records',
    requestedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const code = approvalCodeOf(approval.id);

  beforeEach(async () => {
    await redis.hset(keys.approval(partition, approval.id), {
      record: JSON.stringify(approval),
      status: 'pending',
    });
    await redis.hset(keys.openApprovals(partition), code, approval.id);
  });

  it('lists what waits', async () => {
    const { stdout } = await vagent('approvals');
    expect(stdout).toContain(code);
    expect(stdout).toContain('delete_records {"project":"Apollo"}');
  });

  it('decides as a reviewer, by an entry of the session', async () => {
    const sent = await vagent(
      'approvals',
      'decide',
      code.toLowerCase(),
      'edit',
      '{"project":"Test"}',
      '--as',
      '@rita:localhost',
    );
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    const [entry] = await redis.xrange(keys.stream(partition, 'inbound'), '-', '+');
    expect(decodeEntry(entry?.[1] ?? [])).toMatchObject({
      ok: true,
      entry: {
        type: 'approval.decided',
        session,
        body: {
          approval: approval.id,
          decision: 'edit',
          edit: { project: 'Test' },
          by: '@rita:localhost',
          via: 'cli',
        },
      },
    });
  });

  it.each([
    [['approve'], 'Who decides?', 2],
    [['approve', '--as', '@ana:localhost'], 'is not a reviewer', 1],
    [['aprove', '--as', '@rita:localhost'], 'is no decision', 2],
    [['edit', '{"project":', '--as', '@rita:localhost'], 'is no decision', 2],
  ])('decides nothing by %s', async (words, says, exitCode) => {
    const { code: exit, stderr } = await vagent('approvals', 'decide', code, ...words);
    expect(stderr).toContain(says);
    expect(exit).toBe(exitCode);
    expect(await redis.exists(keys.stream(partition, 'inbound'))).toBe(0);
  });

  it('names the record that was changed by hand, without a stack', async () => {
    await redis.hset(keys.approval(partition, approval.id), 'record', '{"id": ');
    const { code: exit, stderr } = await vagent('approvals', 'show', code);
    expect(stderr).toContain(`The record in ${keys.approval(partition, approval.id)} is no approval`);
    expect([exit, stderr]).toEqual([1, expect.not.stringContaining('    at ')]);
    expect(await vagent('why', code)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing is known'),
    });
  });

  it('follows a long audit page by page, and finds what is wrong behind the first', async () => {
    const audit = keys.stream(partition, 'audit');
    const writing = redis.pipeline();
    let head = chainStart;
    for (let number = 0; number < 2_000; number++) {
      const { fields, hash } = linkRecord(head, { type: 'approval.requested', approval: String(number) });
      writing.xadd(audit, '*', ...fields);
      head = hash;
    }
    await writing.hset(keys.auditHead(partition), 'hash', head).exec();
    expect(await vagent('approvals', 'verify')).toMatchObject({
      code: 0,
      stdout: 'The audit is intact (2000 lines checked)\n',
    });
    const [, [late = ''] = []] = await redis
      .xrange(audit, '-', '+', 'COUNT', 1_001)
      .then((all) => all.slice(-2));
    await redis.xdel(audit, late);
    const { stdout } = await vagent('approvals', 'verify');
    expect(stdout).toContain('lines are missing or were inserted');
    await redis.hdel(keys.auditHead(partition), 'hash');
    expect((await vagent('approvals', 'verify')).code).toBe(1);
  });

  it('finds a line of the audit that was changed', async () => {
    const first = linkRecord(chainStart, { type: 'approval.requested', approval: approval.id });
    const second = linkRecord(first.hash, { type: 'approval.resolved', by: '@rita:localhost' });
    const audit = keys.stream(partition, 'audit');
    await redis.xadd(audit, '*', ...first.fields);
    await redis.xadd(audit, '*', ...second.fields.map((field) => field.replace('@rita', '@mallory')));
    await redis.hset(keys.auditHead(partition), 'hash', second.hash);
    const { code: exit, stdout } = await vagent('approvals', 'verify');
    expect(exit).toBe(1);
    expect(stdout).toMatch(new RegExp(`^Partition ${partition}: line .* was changed after it was written`));
  });
});

describe('vagent sessions', () => {
  it('lists, shows and resets conversations', async () => {
    const at = new Date();
    await redis.hset(keys.session(partition, session), {
      lastTurnAt: at.toISOString(),
      turns: '3',
      lastFact: '$x',
    });
    await redis.zadd(keys.sessions(partition), at.getTime(), session);
    expect(linesOf((await vagent('sessions', '--json')).stdout)).toMatchObject([{ session, turns: 3 }]);
    expect((await vagent('sessions', 'show', session)).stdout).toMatch(/turns +3/);
    expect((await vagent('sessions', 'reset', session)).stdout).toContain('Nothing was changed');
    await vagent('sessions', 'reset', session, '--yes');
    const [entry] = await redis.xrange(keys.stream(partition, 'inbound'), '-', '+');
    expect(decodeEntry(entry?.[1] ?? [])).toMatchObject({
      ok: true,
      entry: { type: 'session.reset', session },
    });
  });
});

describe('the vagent command', () => {
  it('names the command that was probably meant', async () => {
    expect(await vagent('docter')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"vagent doctor"'),
    });
  });

  it('explains itself', async () => {
    expect(await vagent('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('vagent <command>'),
    });
    for (const command of ['up', 'chat', 'doctor', 'streams', 'approvals', 'dead', 'sessions']) {
      expect(await vagent(command, '--help')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`vagent ${command}`),
      });
    }
  });

  it('says which option it does not know', async () => {
    expect(await vagent('streams', '--jsno')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--jsno'),
    });
  });

  it('says what to do where it finds no Redis, and where that holds nothing of vagent', async () => {
    const none = await runCli(['streams'], { VAGENT_DIR: '/nonexistent/vagent' });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('set REDIS_URL') });
    const away = await runCli(['streams'], { ...env, REDIS_URL: 'redis://127.0.0.1:1' });
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('127.0.0.1:1 does not answer') });
    const locked = await runCli(['streams'], { ...env, REDIS_USERNAME: 'nobody', REDIS_PASSWORD: 'wrong' });
    expect(locked).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('check REDIS_USERNAME and REDIS_PASSWORD'),
    });
    const empty = await runCli(['streams'], { ...env, KEY_PREFIX: uniquePrefix('empty') });
    expect(empty).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('check REDIS_URL and KEY_PREFIX'),
    });
  });

  it('names the key where something else is under its prefix', async () => {
    await redis.del(keys.settings());
    await redis.set(keys.settings(), 'oops');
    const { code, stderr } = await vagent('streams');
    expect(stderr).toContain(`holds something else under ${keys.settings()}: check KEY_PREFIX`);
    expect([code, stderr]).toEqual([1, expect.not.stringContaining('    at ')]);
  });

  it('ends without a word when nobody reads what it writes', async () => {
    const child = startCli(['streams', '--all', '--json'], env);
    child.stdout?.destroy();
    const ended = once(child, 'exit');
    const said = child.stderr === null ? '' : await text(child.stderr);
    await ended;
    expect([child.exitCode, said]).toEqual([0, '']);
  });
});
