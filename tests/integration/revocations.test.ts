import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { readRevocations } from '#operations/access/read-revocations';
import { revokeAccess } from '#operations/access/revoke-access';
import { watchRevocations } from '#operations/access/watch-revocations';
import { BadRequestError, ConflictError } from '#operations/errors';
import { connectRedis } from '#streams/connect-redis';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startRedis } from '../support/start-redis.ts';
import { runCli } from './cli-process.ts';
import { type CliStage, cliPartitions, openCliStage } from './cli-stage.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const log = pino({ level: 'silent' });
const { signal } = new AbortController();
let stage: CliStage;
let transport: Transport;
beforeEach(async () => {
  stage = await openCliStage(redis, url, 'revocations');
  // What revoking uses of a transport.
  transport = { redis, keys: stage.keys, partitions: cliPartitions } as unknown as Transport;
});

const order = (kind: 'jti' | 'subject', id: string) => ({ kind, id, by: 'cli:ana', because: '' });
const proof = (user: string, jti: string | null, issuedAt = Date.now()) => ({ user, jti, issuedAt });

describe('T17: revocations', () => {
  it('are kept until what they revoke has ended, and then go by themselves', async () => {
    await revokeAccess(transport, { ...order('jti', 'a'), forMs: 60_000 });
    const { until } = await revokeAccess(transport, order('subject', '@ana:x'));
    const left = await redis.pttl(stage.keys.revocations());
    expect(Math.abs((await redisNow(redis)) + left - until)).toBeLessThan(5_000);
    expect(await readRevocations(transport, until - 1)).toHaveLength(1);
    expect(await readRevocations(transport, until)).toEqual([]);
  });

  it('never end sooner because somebody revokes the same again', async () => {
    const first = await revokeAccess(transport, order('jti', 'a'));
    await revokeAccess(transport, { ...order('jti', 'a'), forMs: 1_000, because: '"until":1' });
    const [record] = await readRevocations(transport, first.at);
    expect(record).toMatchObject({ until: first.until, because: '"until":1' });
  });

  it('take back what was issued until a moment, and never less because somebody revokes the same again', async () => {
    const now = await redisNow(redis);
    const [before, later] = [now - 3_600_000, now - 1_800_000];
    await revokeAccess(transport, { ...order('subject', '@ana:x'), beforeMs: later });
    const again = { ...order('subject', '@ana:x'), beforeMs: before, because: '"at":1' };
    await revokeAccess(transport, again);
    expect(await readRevocations(transport, now)).toMatchObject([{ at: later, because: '"at":1' }]);
    await using watched = await watchRevocations({ transport, log, signal });
    expect(watched.isRevoked(proof('@ana:x', null, later))).toBe(true);
    expect(watched.isRevoked(proof('@ana:x', null, later + 1))).toBe(false);
  });

  it('make room for new ones: what has ended is removed once there are many', async () => {
    const ended = Array.from({ length: 300 }, (_, n) => [
      `jti:${n}`,
      JSON.stringify({ kind: 'jti', id: String(n), at: 1, until: 2, by: 'x', because: '' }),
    ]).flat();
    await redis.hset(stage.keys.revocations(), ...ended);
    await revokeAccess(transport, order('jti', 'new'));
    expect(await redis.hkeys(stage.keys.revocations())).toEqual(
      expect.arrayContaining(['jti:new', 'revision']),
    );
    expect(await redis.hlen(stage.keys.revocations())).toBe(2);
  });

  it.each([
    ['a subject that is no user id', { ...order('subject', 'ana') }],
    ['a token for longer than any lives', { ...order('jti', 'a'), forMs: 86_400_001 }],
    ['nothing', { ...order('jti', '') }],
    ['a token that was issued before a moment', { ...order('jti', 'a'), beforeMs: Date.now() - 1_000 }],
    ['what will be issued', { ...order('subject', '@ana:x'), beforeMs: Date.now() + 3_600_000 }],
    ['what cannot live any more', { ...order('subject', '@ana:x'), beforeMs: 1 }],
    ['for no time', { ...order('jti', 'a'), forMs: Number.NaN }],
  ])('are refused of %s', async (_, wrong) => {
    await expect(revokeAccess(transport, wrong)).rejects.toThrow(BadRequestError);
    expect(await redis.exists(stage.keys.revocations())).toBe(0);
  });

  it('say what to delete where their key holds something else', async () => {
    await redis.set(stage.keys.revocations(), 'x');
    await expect(revokeAccess(transport, order('jti', 'a'))).rejects.toThrow(ConflictError);
    await expect(watchRevocations({ transport, log, signal })).rejects.toThrow('WRONGTYPE');
  });

  it('are known within a second, and end what was opened by them once', async () => {
    await using watched = await watchRevocations({ transport, log, signal });
    const ended: string[] = [];
    watched.whenRevoked(proof('@ana:x', 'a'), () => ended.push('a'));
    watched.whenRevoked(proof('@ben:x', 'b'), () => ended.push('b'));
    watched.whenRevoked(proof('@cai:x', null), () => ended.push('c'));
    watched.whenRevoked(proof('@cai:x', 'forgotten'), () => ended.push('d'))();
    await revokeAccess(transport, order('jti', 'a'));
    await revokeAccess(transport, order('jti', 'forgotten'));
    await revokeAccess(transport, order('subject', '@cai:x'));
    await eventually(() => ended.length === 2, { withinMs: 3_000 });
    expect(ended.sort()).toEqual(['a', 'c']);
    watched.whenRevoked(proof('@ana:x', 'a'), () => ended.push('at once'));
    expect(ended).toContain('at once');
  });

  it('hold while Redis is away, and after a while nobody new is let in by what is known', async () => {
    await using server = await startRedis();
    const own = connectRedis(redisAt(server.url), { name: 'revocations', onError: () => undefined });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => own.disconnect());
    const there = { ...transport, redis: own };
    await revokeAccess(there, order('jti', 'a'));
    await using watched = await watchRevocations({
      transport: there,
      log,
      signal,
      everyMs: 50,
      freshMs: 400,
    });
    await eventually(() => watched.isFresh);
    await server.kill();
    await eventually(() => !watched.isFresh, { withinMs: 5_000 });
    expect(watched.isRevoked(proof('@ana:x', 'a'))).toBe(true);
    await server.start();
    await eventually(() => watched.isFresh, { withinMs: 20_000 });
    expect(watched.isRevoked(proof('@ana:x', 'a'))).toBe(true);
  });
});

describe('vagent tokens', () => {
  it('revokes a token or a subject, lists what is revoked, and keeps it in the audit', async () => {
    const done = await runCli(
      ['tokens', 'revoke', 'jti', 'a-token', '--because', 'it leaked', '--for', '2h'],
      stage.env,
    );
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('The token a-token is revoked');
    const moment = new Date(Date.now() - 60_000).toISOString();
    const subject = ['tokens', 'revoke', 'subject', '@ana:example.org', '--before', moment];
    const whole = await runCli(subject, stage.env);
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.stdout).toContain(`All until ${moment.slice(0, 19)} UTC of @ana:example.org`);
    const listed = await runCli(['tokens', 'list', '--json'], stage.env);
    const lines = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { kind: 'jti', id: 'a-token', because: 'it leaked' },
      { kind: 'subject', id: '@ana:example.org', at: Date.parse(moment) },
    ]);
    expect((await runCli(['tokens'], stage.env)).stdout).toMatch(/revoked\s+id\s+by/);
    expect(await runCli(['approvals', 'verify'], stage.env)).toMatchObject({ code: 0 });
  });

  it.each([
    [['tokens', 'revoke'], 'Revoke what?'],
    [['tokens', 'revoke', 'jti'], 'Which token?'],
    [['tokens', 'revoke', 'jti', 'a', 'b'], 'one name too many'],
    [['tokens', 'revoke', 'jti', 'a', '--for', 'long'], '--for is "long"'],
    [['tokens', 'revoke', 'jti', 'a', '--for', '2d'], 'at most 24 hours'],
    [['tokens', 'revoke', 'subject', '@a:x', '--before', '12:00'], '--before is "12:00"'],
    [['tokens', 'revoke', 'jti', 'a', '--before', '2026-03-01T12:00Z'], 'goes with a subject'],
    [['tokens', 'forget'], 'is not a command'],
  ])('%j says what is missing', async (args, words) => {
    const { code, stderr } = await runCli(args, stage.env);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
