import { pino } from 'pino';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { newCrossSigningKeys } from '#crypto/cross-signing/cross-signing-keys';
import { initCrossSigning, replaceCrossSigning } from '#crypto/cross-signing/init-cross-signing';
import { keepSigned } from '#crypto/cross-signing/keep-signed';
import { readPublishedIdentity } from '#crypto/cross-signing/published-identity';
import { createSavedKeys, type SavedKeys } from '#crypto/cross-signing/saved-keys';
import type { CryptoDevice } from '#crypto/crypto-device';
import type { MatrixClient } from '#matrix/matrix-client';
import { eventually } from '../support/eventually.ts';
import { type CryptoStage, decrypted, openCryptoStage, text } from './crypto-stage.ts';

let stage: CryptoStage;
let saved: SavedKeys;
let client: MatrixClient;
let lines: string[];
beforeEach(async () => {
  stage = await openCryptoStage(inject('redisUrl'));
  const { redis, keys, storeKey, bot } = stage;
  saved = createSavedKeys({ redis, keys, storeKey, user: bot.userId });
  lines = [];
});
afterEach(() => stage[Symbol.asyncDispose]());

const isTold = (what: string): boolean => lines.some((line) => line.includes(what));

/** Devices as ingress and egress hold them, with the looks closer to each other. */
async function open(...names: string[]): Promise<CryptoDevice[]> {
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  return Promise.all(
    names.map((name) => {
      const { onOpened, whileOpen } = keepSigned({ saved, log, everyMs: 20 });
      const keepClient: typeof onOpened = (machine, own) => {
        client = own;
        return onOpened(machine, own);
      };
      return stage.held(stage.open([name], { onOpened: keepClient, whileOpen }));
    }),
  );
}

const areSigned = async (devices: readonly CryptoDevice[]): Promise<boolean> => {
  const published = (await readPublishedIdentity(client)).devices;
  return devices.every(({ deviceId }) => published.find((one) => one.deviceId === deviceId)?.isSigned);
};

it('devices that run sign themselves when the keys are made, and again when they are replaced', async () => {
  const devices = await open('INGRESS', 'EGRESS_0');
  expect(await areSigned(devices)).toBe(false);
  const made = await initCrossSigning({ client, saved });
  await eventually(() => areSigned(devices));
  const replaced = await replaceCrossSigning({ client, saved, password: 'pw-bot' });
  expect(replaced.fingerprint).not.toBe(made.fingerprint);
  await eventually(() => areSigned(devices));

  const [ingress, egress] = devices;
  if (ingress === undefined || egress === undefined) throw new Error('Two devices');
  const alice = await stage.person('alice');
  const room = await stage.room(alice);
  const content = await egress.encrypt(
    room,
    'm.room.message',
    text('still here'),
    AbortSignal.timeout(80_000),
  );
  const event = await stage.bot.event(room, await stage.send(room, content));
  // Those of one user know each other as theirs.
  expect(await decrypted(ingress, event, room)).toMatchObject({ ok: true, isSigned: true });
});

it('a device signs itself when keys that were kept long before are published at last', async () => {
  const devices = await open('INGRESS');
  await saved.saveFirst(newCrossSigningKeys());
  await eventually(() => isTold('init --restore'));
  expect(await areSigned(devices)).toBe(false);
  // Nothing that is kept changes now.
  await initCrossSigning({ client, saved });
  await eventually(() => areSigned(devices));
  await eventually(() => isTold('is signed now'));
});

it('a device goes on while the kept keys cannot be opened, and is signed when they can again', async () => {
  const devices = await open('INGRESS');
  const { redis, keys, bot } = stage;
  await redis.set(keys.crossSigning(bot.userId), 'not sealed');
  await eventually(() => isTold('Could not sign the crypto device'));
  await saved.remove();
  await initCrossSigning({ client, saved });
  await eventually(() => areSigned(devices));
});
