import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runCli } from '../../integration/cli-process.ts';
import { type CliStage, openCliStage } from '../../integration/cli-stage.ts';
import { MatrixUser } from '../../support/matrix-user.ts';
import { type Synapse, startSynapse } from '../../support/start-synapse.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
const password = 'pw-bot';
let synapse: Synapse;
let stage: CliStage;
beforeAll(async () => {
  synapse = await startSynapse();
  await MatrixUser.register(synapse.url, 'bot', { registrationSecret: synapse.registrationSecret, password });
  stage = await openCliStage(redis, url, 'synapse-crypto');
});
afterAll(async () => {
  await synapse?.stop();
  await redis.quit();
});

it('on Synapse: keys are made, brought back, replaced with the password, and an idle device is removed', async () => {
  const env = {
    ...stage.env,
    CRYPTO_STORE_KEY: randomBytes(32).toString('base64'),
    MATRIX_HOMESERVER: synapse.url,
    MATRIX_USER: 'bot',
    MATRIX_PASSWORD: password,
  };
  const bot = `@bot:${synapse.serverName}`;
  const crypto = (args: readonly string[], input = '') => runCli(['crypto', ...args], env, input);
  const made = await crypto(['init']);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const recoveryKey = /^ {4}(Es.+)$/m.exec(made.stdout)?.[1] ?? '';
  expect(await crypto(['status'])).toMatchObject({ code: 0 });
  await redis.del(stage.keys.crossSigning(bot));
  expect(await crypto(['init', '--restore'], recoveryKey)).toMatchObject({ code: 0, stderr: '' });
  const before = JSON.parse((await crypto(['status', '--json'])).stdout);
  expect(await crypto(['init', '--reset'], `${bot}\n`)).toMatchObject({ code: 0, stderr: '' });
  const after = JSON.parse((await crypto(['status', '--json'])).stdout);
  expect(after).toMatchObject({ isKeptHere: true, isRecoverable: true, advice: null });
  expect(after.fingerprint).not.toBe(before.fingerprint);
  await MatrixUser.login(synapse.url, 'bot', { password, deviceId: 'VAGENT_CRYPTO_EGRESS_7' });
  const pruned = await crypto(['prune', '--days', '0', '--yes']);
  expect(pruned, pruned.stderr).toMatchObject({ code: 0 });
  expect(pruned.stdout).toContain('VAGENT_CRYPTO_EGRESS_7 is gone');
});
