import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRecordSealer } from '#crypto/store/record-sealer';
import { type HomeserverUnderTest, startEmbeddedHomeserver } from '../support/homeserver-under-test.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { runCli } from './cli-process.ts';
import { type CliStage, openCliStage } from './cli-stage.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
let homeserver: HomeserverUnderTest;
let stage: CliStage;
const bot = '@bot:localhost';
beforeAll(async () => {
  homeserver = await startEmbeddedHomeserver();
  await MatrixUser.register(homeserver.url, 'bot');
  stage = await openCliStage(redis, url, 'cli-crypto');
});
afterAll(async () => {
  await homeserver.stop();
  await redis.quit();
});

const storeKey = randomBytes(32).toString('base64');
const crypto = (args: readonly string[], input = '', env: Record<string, string> = {}) =>
  runCli(
    ['crypto', ...args],
    {
      ...stage.env,
      CRYPTO_STORE_KEY: storeKey,
      MATRIX_HOMESERVER: homeserver.url,
      MATRIX_USER: 'bot',
      MATRIX_PASSWORD: 'pw-bot',
      ...env,
    },
    input,
  );
const recoveryKeyIn = (text: string): string => /^ {4}(Es.+)$/m.exec(text)?.[1] ?? '';

describe('vagent crypto', () => {
  it('makes keys once, shows the recovery key once, and brings the keys back with it', async () => {
    expect(await crypto(['status'])).toMatchObject({ code: 1 });
    const made = await crypto(['init']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const recoveryKey = recoveryKeyIn(made.stdout);
    expect(recoveryKey.split(' ')).toHaveLength(12);

    const again = await crypto(['init']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('has its cross-signing keys already');
    expect(again.stdout + again.stderr).not.toContain(recoveryKey);
    expect(recoveryKeyIn(again.stdout + again.stderr)).toBe('');

    const status = await crypto(['status', '--json']);
    expect(status.code).toBe(0);
    const state = JSON.parse(status.stdout);
    expect(state).toMatchObject({ user: bot, isKeptHere: true, isRecoverable: true, advice: null });
    expect(made.stdout.replaceAll(' ', '')).toContain(state.fingerprint);

    await redis.del(stage.keys.crossSigning(bot));
    expect((await crypto(['init'])).stderr).toContain('--restore');
    const wrong = await crypto(
      ['init', '--restore'],
      'EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d\n',
    );
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain('it is not the one of');
    expect(await redis.exists(stage.keys.crossSigning(bot))).toBe(0);
    expect(await crypto(['init', '--restore'], `${recoveryKey}\n`)).toMatchObject({ code: 0 });
    expect((await crypto(['status'])).code).toBe(0);

    const renewed = await crypto(['recovery-key']);
    expect(recoveryKeyIn(renewed.stdout)).not.toBe(recoveryKey);
    expect((await crypto(['init', '--restore'], `${recoveryKey}\n`)).code).toBe(1);
    expect((await crypto(['init', '--restore'], recoveryKeyIn(renewed.stdout))).code).toBe(0);
  });

  it('replaces keys only when somebody types for whom, and leaves no device behind', async () => {
    const before = JSON.parse((await crypto(['status', '--json'])).stdout).fingerprint;
    const unsure = await crypto(['init', '--reset'], 'yes\n');
    expect(unsure).toMatchObject({ code: 1 });
    expect(unsure.stderr).toContain('nothing was changed');
    const done = await crypto(['init', '--reset'], `${bot}\n`);
    expect(done).toMatchObject({ code: 0 });
    const after = JSON.parse((await crypto(['status', '--json'])).stdout);
    expect(after.fingerprint).not.toBe(before);
    expect(after.devices.map(({ deviceId }: { deviceId: string }) => deviceId)).not.toContain(
      'VAGENT_CRYPTO_CLI',
    );
  });

  it('removes devices of egress that nobody holds any more, and no others', async () => {
    for (const deviceId of ['VAGENT_CRYPTO_INGRESS', 'VAGENT_CRYPTO_EGRESS_0', 'VAGENT_CRYPTO_EGRESS_1'])
      await MatrixUser.login(homeserver.url, 'bot', { deviceId });
    const lease = { owner: 'egress-x', epoch: '1', until: String(Date.now() + 60_000) };
    await redis.hset(stage.keys.cryptoLease(bot, 'VAGENT_CRYPTO_EGRESS_0'), lease);
    await redis.hset(stage.keys.cryptoStore(bot, 'VAGENT_CRYPTO_EGRESS_1'), 'a', 'sealed');
    expect((await crypto(['prune'])).stdout).toContain('No device of egress');
    const planned = await crypto(['prune', '--days', '0']);
    expect(planned.stdout).toBe(
      'VAGENT_CRYPTO_EGRESS_1 would be removed (nobody knows since when)\nNothing was changed. Add --yes to do it.\n',
    );
    const done = await crypto(['prune', '--days', '0', '--yes']);
    expect(done).toMatchObject({
      code: 0,
      stdout: 'VAGENT_CRYPTO_EGRESS_1 is gone (nobody knows since when)\n',
    });
    expect(await redis.exists(stage.keys.cryptoStore(bot, 'VAGENT_CRYPTO_EGRESS_1'))).toBe(0);
    const { devices } = JSON.parse((await crypto(['status', '--json'])).stdout);
    const names = devices.map(({ deviceId }: { deviceId: string }) => deviceId);
    expect(names).toContain('VAGENT_CRYPTO_INGRESS');
    expect(names).toContain('VAGENT_CRYPTO_EGRESS_0');
    expect(names).not.toContain('VAGENT_CRYPTO_EGRESS_1');
  });

  it('seals keys anew when the store key changes, and tells who still needs the old one', async () => {
    await MatrixUser.login(homeserver.url, 'bot', { deviceId: 'VAGENT_CRYPTO_INGRESS' });
    await crypto(['init']);
    const newer = `${randomBytes(32).toString('base64')},${storeKey}`;
    const [ofBot, ofGhost] = [bot, '@_vagent_billing:localhost'].map((user) => ({
      store: stage.keys.cryptoStore(user, 'VAGENT_CRYPTO_INGRESS'),
      lease: stage.keys.cryptoLease(user, 'VAGENT_CRYPTO_INGRESS'),
    }));
    if (ofBot === undefined || ofGhost === undefined) throw new Error('Two stores');
    for (const { store } of [ofBot, ofGhost]) {
      const sealed = createRecordSealer(storeKey, store).seal('a', { record: 1 });
      await redis.hset(store, { a: sealed, revision: '7' });
    }
    await redis.hset(ofBot.lease, { owner: 'ingress-x', epoch: '3', until: String(Date.now() + 60_000) });
    const early = await crypto(['reseal'], '', { CRYPTO_STORE_KEY: newer });
    expect(early.code).toBe(1);
    expect(early.stdout).toContain(`${bot} VAGENT_CRYPTO_INGRESS is held by a process`);
    expect(early.stdout).toContain('@_vagent_billing:localhost VAGENT_CRYPTO_INGRESS: 1 records sealed anew');
    await redis.hdel(ofBot.lease, 'owner', 'until');
    expect(await crypto(['reseal'], '', { CRYPTO_STORE_KEY: newer })).toMatchObject({ code: 0 });
    for (const { store } of [ofBot, ofGhost]) {
      const onlyNewest = createRecordSealer(newer.split(',')[0] ?? '', store);
      expect(onlyNewest.open('a', (await redis.hget(store, 'a')) ?? '')).toEqual({ record: 1 });
      expect(await redis.hget(store, 'revision')).toBe('7');
    }
    const onlyNew = { CRYPTO_STORE_KEY: newer.split(',')[0] ?? '' };
    const now = await crypto(['status', '--json'], '', onlyNew);
    expect(JSON.parse(now.stdout)).toMatchObject({ isKeptHere: true });
    expect((await crypto(['status'])).stderr).toContain('CRYPTO_STORE_KEY does not hold');
    await crypto(['reseal'], '', { CRYPTO_STORE_KEY: newer.split(',').reverse().join(',') });
  });

  it.each([
    [['init', 'EsTc LW2K'], {}, 2, 'typed when it is asked for'],
    [['nonsense'], {}, 2, 'is not a command'],
    [['init', '--restore', '--reset'], {}, 2, 'not both'],
    [['status'], { CRYPTO_STORE_KEY: '' }, 78, 'CRYPTO_STORE_KEY'],
    [['init'], { MATRIX_ACCESS_TOKEN: 'token' }, 1, 'several devices'],
    [['init'], { MATRIX_PASSWORD: 'wrong' }, 1, 'check MATRIX_USER and MATRIX_PASSWORD'],
    [['init', '--restore'], {}, 1, 'No recovery key was given'],
  ])('says what is wrong with %j under %j', async (args, env, code, said) => {
    const result = await crypto(args, '', env);
    expect(result.stderr).toContain(said);
    expect(result.code).toBe(code);
    expect(result.stderr).not.toContain('    at ');
  });
});
