import { randomBytes } from 'node:crypto';
import { DeviceId, OlmMachine, RequestType, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { newCrossSigningKeys, publicKeyOf } from '#crypto/cross-signing/cross-signing-keys';
import { initCrossSigning, replaceCrossSigning } from '#crypto/cross-signing/init-cross-signing';
import { readPublishedIdentity } from '#crypto/cross-signing/published-identity';
import { restoreCrossSigning } from '#crypto/cross-signing/restore-cross-signing';
import { createSavedKeys } from '#crypto/cross-signing/saved-keys';
import { storeSecrets } from '#crypto/cross-signing/secret-storage';
import { signDevice } from '#crypto/cross-signing/sign-device';
import { signWhenOpened } from '#crypto/cross-signing/sign-when-opened';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { toRequestError } from '#matrix/to-request-error';
import { type HomeserverUnderTest, startEmbeddedHomeserver } from '../support/homeserver-under-test.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
const keys = createKeys(uniquePrefix('cross-signing'));
const storeKey = randomBytes(32).toString('base64');
let homeserver: HomeserverUnderTest;
beforeAll(async () => {
  homeserver = await startEmbeddedHomeserver();
});
afterAll(async () => {
  await homeserver.stop();
  await redis.quit();
});

const times = new Map<string, number>();

/** A client as libs/matrix makes one, of an account of its own: of another one each time, for a test that runs once more. */
async function account(of: string) {
  const count = (times.get(of) ?? 0) + 1;
  times.set(of, count);
  const name = count === 1 ? of : `${of}_${count}`;
  const user = await MatrixUser.register(homeserver.url, name);
  const client: MatrixClient = {
    userId: user.userId,
    deviceId: user.deviceId,
    request: async (method, path, options = {}) => {
      const response = await user.fetch(method, path.replace('/_matrix/client', ''), {
        ...(options.body === undefined ? {} : { body: options.body }),
      });
      const body: unknown = await response.json();
      if (response.ok) return body;
      const answer = { statusCode: response.status, headers: {}, body };
      throw toRequestError({ method, path, timeoutMs: 0, answer, cause: undefined });
    },
  };
  const saved = createSavedKeys({ redis, keys, storeKey, user: client.userId });
  return { client, saved, password: `pw-${name}` };
}

/** A device with its keys uploaded, as one that was just opened. */
async function openMachine(client: MatrixClient): Promise<OlmMachine> {
  const machine = await OlmMachine.initialize(
    new UserId(client.userId),
    new DeviceId(client.deviceId ?? 'NONE'),
  );
  for (const request of await machine.outgoingRequests()) {
    if (request.type !== RequestType.KeysUpload) continue;
    const body = JSON.parse(request.body) as object;
    const answer = await client.request('POST', '/_matrix/client/v3/keys/upload', { body });
    await machine.markRequestAsSent(request.id ?? '', request.type, JSON.stringify(answer));
  }
  return machine;
}

/** Whether somebody else, who knows nothing but what the homeserver tells, sees the device as its owner's. */
async function isSignedInTheEyesOf(viewer: MatrixClient, seen: MatrixClient): Promise<boolean> {
  const machine = await openMachine(viewer);
  const request = machine.queryKeysForUsers([new UserId(seen.userId)]);
  const body = JSON.parse(request.body) as object;
  const answer = await viewer.request('POST', '/_matrix/client/v3/keys/query', { body });
  await machine.markRequestAsSent(request.id, RequestType.KeysQuery, JSON.stringify(answer));
  const device = await machine.getDevice(new UserId(seen.userId), new DeviceId(seen.deviceId ?? 'NONE'));
  return device?.isCrossSignedByOwner() === true;
}

describe('cross-signing', () => {
  it('is made once, and a device signs itself so that others see whose it is', async () => {
    const bot = await account('bot1');
    const machine = await openMachine(bot.client);
    expect(await signDevice({ machine, ...bot })).toBe('no keys');
    const made = await initCrossSigning(bot);
    expect(made.kind).toBe('made');
    const { client: ann } = await account('ann1');
    expect(await isSignedInTheEyesOf(ann, bot.client)).toBe(false);
    expect(await signDevice({ machine, ...bot })).toBe('signed');
    expect(await signDevice({ machine, ...bot })).toBe('was signed');
    expect(await isSignedInTheEyesOf((await account('ann2')).client, bot.client)).toBe(true);
    const identity = await readPublishedIdentity(bot.client);
    expect(identity.master).toBe(made.fingerprint);
    expect(identity.devices).toMatchObject([
      { isSigned: true, fingerprint: machine.identityKeys.ed25519.toBase64() },
    ]);
    expect(await initCrossSigning(bot)).toMatchObject({ kind: 'present', fingerprint: made.fingerprint });
  });

  it('ends with the same keys where two begin at once', async () => {
    const bot = await account('bot2');
    const both = await Promise.all([initCrossSigning(bot), initCrossSigning(bot)]);
    expect(new Set(both.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect((await readPublishedIdentity(bot.client)).master).toBe(both[0].fingerprint);
  });

  it('goes on where somebody died between keeping the keys and publishing them', async () => {
    const bot = await account('bot3');
    const kept = await bot.saved.saveFirst(newCrossSigningKeys());
    expect(await initCrossSigning(bot)).toMatchObject({
      kind: 'made',
      fingerprint: publicKeyOf(kept.master),
    });
  });

  it('comes back from the account with the recovery key after a loss of Redis', async () => {
    const bot = await account('bot4');
    const made = await initCrossSigning(bot);
    if (made.kind === 'elsewhere') throw new Error('Not made');
    const recoveryKey = await storeSecrets(bot.client, made.keys);
    await bot.saved.remove();
    expect(await initCrossSigning(bot)).toEqual({ kind: 'elsewhere', fingerprint: made.fingerprint });
    expect(await restoreCrossSigning(bot, `\n ${recoveryKey.toString()} `)).toBe(made.fingerprint);
    expect(await bot.saved.load()).toEqual(made.keys);
    const machine = await openMachine(bot.client);
    expect(await signDevice({ machine, ...bot })).toBe('signed');
  });

  it('refuses the recovery key of another account, and one with a slip of the pen, clearly', async () => {
    const bot = await account('bot5');
    const other = await account('bot6');
    const [mine, theirs] = [await initCrossSigning(bot), await initCrossSigning(other)];
    if (mine.kind === 'elsewhere' || theirs.kind === 'elsewhere') throw new Error('Not made');
    const right = await storeSecrets(bot.client, mine.keys);
    const foreign = await storeSecrets(other.client, theirs.keys);
    await expect(restoreCrossSigning(bot, foreign)).rejects.toThrow(/whole, but it is not the one of @bot5/);
    // A letter that is missing is always found, a wrong one in 255 of 256 cases: the key has one byte of parity.
    const slip = right.slice(0, -1);
    await expect(restoreCrossSigning(bot, slip)).rejects.toThrow(/not a recovery key/);
    expect(await bot.saved.load()).toEqual(mine.keys);
  });

  it('does not sign with kept keys that are not the published ones', async () => {
    const bot = await account('bot7');
    await initCrossSigning(bot);
    await bot.saved.replace(newCrossSigningKeys());
    const machine = await openMachine(bot.client);
    expect(await signDevice({ machine, ...bot })).toBe('other keys');
  });

  it('leaves what nobody here can open as it is where the new keys are refused', async () => {
    const bot = await account('bot-opened-by-nobody');
    await initCrossSigning(bot);
    const key = keys.crossSigning(bot.client.userId);
    const other = createSavedKeys({
      ...{ redis, keys, user: bot.client.userId },
      storeKey: Buffer.alloc(32, 9).toString('base64'),
    });
    await other.replace(newCrossSigningKeys());
    const kept = await redis.get(key);
    await expect(bot.saved.load()).rejects.toThrow(/does not hold/);
    await expect(replaceCrossSigning({ ...bot, password: 'guess' })).rejects.toThrow(/MATRIX_PASSWORD/);
    expect(await redis.get(key)).toBe(kept);
  });

  it('replaces keys with the password only, and keeps the old ones where that is refused', async () => {
    const bot = await account('bot8');
    const first = await initCrossSigning(bot);
    await expect(replaceCrossSigning({ ...bot, password: 'guess' })).rejects.toThrow(/MATRIX_PASSWORD/);
    await expect(replaceCrossSigning({ ...bot, password: undefined })).rejects.toThrow(
      /the password of @bot8/,
    );
    expect(await initCrossSigning(bot)).toMatchObject({ kind: 'present', fingerprint: first.fingerprint });
    const second = await replaceCrossSigning(bot);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect((await readPublishedIdentity(bot.client)).master).toBe(second.fingerprint);
    const machine = await openMachine(bot.client);
    expect(await signDevice({ machine, ...bot })).toBe('signed');
  });

  it('signs anew after the keys were replaced under an open device', async () => {
    const bot = await account('bot9');
    await initCrossSigning(bot);
    const machine = await openMachine(bot.client);
    await signDevice({ machine, ...bot });
    await replaceCrossSigning(bot);
    expect(await signDevice({ machine, ...bot })).toBe('signed');
    expect(await isSignedInTheEyesOf((await account('ann9')).client, bot.client)).toBe(true);
  });

  it('is kept sealed: T16: what was changed, moved or written by others is refused', async () => {
    const bot = await account('bot10');
    const made = await initCrossSigning(bot);
    if (made.kind === 'elsewhere') throw new Error('Not made');
    const key = keys.crossSigning(bot.client.userId);
    const sealed = (await redis.get(key)) ?? '';
    for (const secret of Object.values(made.keys)) expect(sealed).not.toContain(secret);
    const other = createSavedKeys({
      redis,
      keys,
      storeKey: randomBytes(32).toString('base64'),
      user: bot.client.userId,
    });
    await expect(other.load()).rejects.toThrow(/CRYPTO_STORE_KEY/);
    await redis.set(keys.crossSigning('@else:localhost'), sealed);
    const moved = createSavedKeys({ redis, keys, storeKey, user: '@else:localhost' });
    await expect(moved.load()).rejects.toThrow(/changed/);
    await redis.set(key, JSON.stringify(newCrossSigningKeys()));
    await expect(bot.saved.load()).rejects.toThrow(/not sealed/);
  });

  it('is made for a ghost when its device is opened first, without anybody', async () => {
    const ghost = await account('_vagent_billing');
    const machine = await openMachine(ghost.client);
    const log = pino({ enabled: false });
    await signWhenOpened({ saved: ghost.saved, log, makesKeys: true })(machine, ghost.client);
    expect(await isSignedInTheEyesOf((await account('ann12')).client, ghost.client)).toBe(true);
    const fingerprint = (await readPublishedIdentity(ghost.client)).master;
    await signWhenOpened({ saved: ghost.saved, log, makesKeys: true })(machine, ghost.client);
    expect((await readPublishedIdentity(ghost.client)).master).toBe(fingerprint);
    // Redis is lost. The homeserver lets an appservice replace the keys of its users.
    await ghost.saved.remove();
    const auth = { type: 'm.login.password', password: ghost.password };
    const request: MatrixClient['request'] = (method, path, options) => {
      const isUpload = path.endsWith('/device_signing/upload');
      return ghost.client.request(method, path, isUpload ? { body: { ...options?.body, auth } } : options);
    };
    await signWhenOpened({ saved: ghost.saved, log, makesKeys: true })(machine, { ...ghost.client, request });
    expect((await readPublishedIdentity(ghost.client)).master).not.toBe(fingerprint);
    expect(await isSignedInTheEyesOf((await account('ann13')).client, ghost.client)).toBe(true);
  });

  it('keeps no device from serving where the homeserver refuses it, and tells', async () => {
    const bot = await account('bot12');
    await initCrossSigning(bot);
    const machine = await openMachine(bot.client);
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
    const answer = { statusCode: 404, headers: {}, body: { errcode: 'M_UNRECOGNIZED', error: 'no' } };
    const refuse = (statusCode: number): MatrixClient => ({
      ...bot.client,
      request: async (method, path, options) => {
        if (!path.endsWith('/signatures/upload')) return bot.client.request(method, path, options);
        throw toRequestError({
          method,
          path,
          timeoutMs: 0,
          answer: { ...answer, statusCode },
          cause: undefined,
        });
      },
    });
    await signWhenOpened({ saved: bot.saved, log })(machine, refuse(404));
    expect(lines.join()).toContain('not signed');
    await expect(signWhenOpened({ saved: bot.saved, log })(machine, refuse(503))).rejects.toThrow(/503/);
  });

  it('a homeserver that asks for what vagent cannot give is told about', async () => {
    const bot = await account('bot11');
    const body = { session: 's', flows: [{ stages: ['m.login.sso'] }], params: {} };
    const request: MatrixClient['request'] = async (method, path, options) => {
      if (!path.endsWith('/device_signing/upload')) return bot.client.request(method, path, options);
      const answer = { statusCode: 401, headers: {}, body };
      throw toRequestError({ method, path, timeoutMs: 0, answer, cause: undefined });
    };
    const refused = initCrossSigning({ ...bot, client: { ...bot.client, request } });
    await expect(refused).rejects.toThrow(/m\.login\.sso/);
    await expect(refused).rejects.not.toBeInstanceOf(MatrixRequestError);
  });
});
