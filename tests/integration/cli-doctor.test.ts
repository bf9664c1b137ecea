import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { type RedisServer, startRedis } from '../support/start-redis.ts';
import { runCli } from './cli-process.ts';

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly says: string;
  readonly mend?: string;
}

describe('vagent doctor', () => {
  let server: RedisServer;
  let redis: Redis;
  let homeserver: Homeserver;
  let bot: MatrixUser;
  let reviewer: MatrixUser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vagent-doctor-'));
    server = await startRedis();
    redis = new Redis(server.url);
    homeserver = createHomeserver();
    await homeserver.start();
    bot = await MatrixUser.register(homeserver.url, 'vagent');
    reviewer = await MatrixUser.register(homeserver.url, 'rita');
  });

  afterAll(async () => {
    redis.disconnect();
    await homeserver.stop();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  async function examine(
    changed: Record<string, string> = {},
  ): Promise<{ code: number | null; findings: Finding[] }> {
    const env = {
      VAGENT_DIR: folder,
      REDIS_URL: server.url,
      MATRIX_HOMESERVER: homeserver.url,
      MATRIX_ACCESS_TOKEN: bot.accessToken,
      REVIEWERS: reviewer.userId,
      ADMIN_ROOM_ID: '!nowhere:localhost',
      ...changed,
    };
    const { code, stdout, stderr } = await runCli(['doctor', '--json'], env);
    expect(stderr).toBe('');
    const lines = stdout.split('\n').filter((line) => line !== '');
    return { code, findings: lines.map((line) => JSON.parse(line)) };
  }

  const found = (findings: readonly Finding[], check: string) =>
    findings.find((finding) => finding.check === check);

  /** Whatever is said to be wrong comes with a remedy. */
  function expectRemedies(findings: readonly Finding[]): void {
    expect(findings.filter(({ level, mend }) => level !== 'ok' && !mend)).toEqual([]);
  }

  it('finds a Redis that evicts, and one that a crash would empty', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.config('SET', 'appendonly', 'no');
    try {
      const { code, findings } = await examine();
      expect(code).toBe(1);
      expect(found(findings, 'Redis eviction')).toMatchObject({
        level: 'fail',
        says: expect.stringContaining('allkeys-lru'),
      });
      expect(found(findings, 'Redis persistence')).toMatchObject({
        level: 'fail',
        mend: expect.stringContaining('appendonly yes'),
      });
      expectRemedies(findings);
    } finally {
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      await redis.config('SET', 'appendonly', 'yes');
    }
  });

  it('goes on with the homeserver where Redis is away', async () => {
    const { code, findings } = await examine({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(code).toBe(1);
    expect(found(findings, 'Redis')).toMatchObject({
      level: 'fail',
      says: expect.stringContaining('127.0.0.1:1 does not answer'),
    });
    expect(found(findings, 'Homeserver')).toMatchObject({ level: 'ok' });
    expect(found(findings, 'Account')).toMatchObject({
      level: 'ok',
      says: `${bot.userId}, device ${bot.deviceId}`,
    });
  });

  it('finds partitions that do not fit, wrong keys, dead letters, and that nobody works', async () => {
    const keys = createKeys('vagent');
    await redis.hset(keys.settings(), { partitions: '4', contract: '1' });
    await redis.set(keys.stream(1, 'outbound'), 'oops');
    await redis.xadd(keys.stream(2, 'dead'), '*', 'reason', 'r');
    await redis.xadd(keys.stream(3, 'inbound'), '*', 'v', '1');
    try {
      const { findings } = await examine({ STREAM_PARTITIONS: '8' });
      expect(found(findings, 'Settings')).toMatchObject({
        level: 'fail',
        mend: 'Set STREAM_PARTITIONS=4 everywhere',
      });
      expect(found(findings, 'Streams')).toMatchObject({
        level: 'fail',
        says: expect.stringContaining('vagent:{1}:outbound'),
      });
      expect(found(findings, 'Groups')).toMatchObject({
        level: 'warn',
        says: expect.stringContaining('inbound of partition 3'),
      });
      expect(found(findings, 'Dead letters')).toMatchObject({ level: 'warn' });
      expect(found(findings, 'Leases of worker')).toMatchObject({
        level: 'fail',
        says: '0 of 4 partitions are held',
      });
      expectRemedies(findings);
    } finally {
      await redis.flushall();
    }
  });

  it('names a key that holds something else than a service wrote, and ends', async () => {
    const keys = createKeys('vagent');
    await redis.hset(keys.settings(), { partitions: '4', contract: '1' });
    await redis.set(keys.lease(2, 'egress'), 'oops');
    try {
      const { code, findings } = await examine();
      expect(code).toBe(1);
      expect(found(findings, 'Keys')).toMatchObject({
        level: 'fail',
        says: expect.stringContaining(keys.lease(2, 'egress')),
      });
      expectRemedies(findings);
    } finally {
      await redis.flushall();
    }
  });

  it('finds a bot outside of the admin room, reviewers who are missing there, and encryption', async () => {
    const outside = await examine();
    expect(found(outside.findings, 'Admin room')).toMatchObject({
      level: 'fail',
      mend: expect.stringContaining(`Invite ${bot.userId}`),
    });

    const encryption = {
      type: 'm.room.encryption',
      state_key: '',
      content: { algorithm: 'm.megolm.v1.aes-sha2' },
    };
    const room = await bot.createRoom({
      preset: 'public_chat',
      invite: [reviewer.userId],
      initial_state: [encryption],
    });
    const inside = await examine({ ADMIN_ROOM_ID: room });
    expect(inside.code).toBe(1);
    expect(found(inside.findings, 'Admin room')).toMatchObject({ level: 'ok' });
    expect(found(inside.findings, 'Reviewers')).toMatchObject({
      level: 'fail',
      says: `not in the admin room: ${reviewer.userId}`,
    });
    expect(found(inside.findings, 'Admin room entrance')).toMatchObject({
      level: 'fail',
      says: 'anybody can join',
    });
    expect(found(inside.findings, 'Admin room encryption')).toMatchObject({ level: 'fail' });
    expectRemedies(inside.findings);
  });

  it('finds a token that the homeserver does not take', async () => {
    const { findings } = await examine({ MATRIX_ACCESS_TOKEN: 'wrong' });
    expect(found(findings, 'Account')).toMatchObject({
      level: 'fail',
      says: expect.stringContaining('access token'),
    });
  });
});
