import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { CryptoAccessError } from '#crypto/errors';
import { toRegistration } from '../../services/homeserver/appservice/registration.ts';
import { EncryptedUser } from '../support/encrypted-user.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { storeKey } from './ingress-encrypted-stage.ts';
import { IngressWorld, type RunningIngress } from './ingress-world.ts';

const redisUrl = inject('redisUrl');
const bot = '@vagent-as:localhost';

/** A world whose bot is the appservice's sender, with a client that encrypts. */
async function start() {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'vagent-as-'));
  const file = join(folder, 'registration.yaml');
  const registration = {
    id: 'vagent',
    url: `http://127.0.0.1:${port}`,
    as_token: 'as-token-of-this-test',
    hs_token: 'hs-token-of-this-test',
    sender_localpart: 'vagent-as',
    rate_limited: false,
    namespaces: { users: [{ exclusive: true, regex: '@_vagent_.*:localhost' }] },
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(registration));
  const world = await IngressWorld.start(redisUrl, {
    homeserver: { appservices: [toRegistration(registration)] },
    env: {
      MATRIX_ACCESS_TOKEN: '',
      MATRIX_MODE: 'appservice',
      MATRIX_APPSERVICE_REGISTRATION: file,
      APPSERVICE_PORT: String(port),
      CRYPTO_STORE_KEY: storeKey,
    },
  });
  const alice = await EncryptedUser.open(world.alice);
  return {
    ...{ world, alice, port },
    [Symbol.asyncDispose]: async () => {
      alice.device.close();
      await world[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const holds = async ({ metrics }: RunningIngress): Promise<boolean> =>
  (await metrics.registry.metrics()).includes('vagent_crypto_device_held{service="ingress"} 1');

describe('ingress as an appservice with keys', () => {
  it('F64: a replica without the device takes the transaction, the one that holds it reads it, and its successor goes on', async () => {
    await using stage = await start();
    const { world, alice } = stage;
    // The first to come holds the device; the homeserver's transactions go to the port of the other one.
    const holder = await world.ingress({ APPSERVICE_PORT: '0' });
    await eventually(() => holds(holder), { what: 'the first replica holds the device' });
    const taker = await world.ingress();
    const room = await alice.createEncryptedRoom({ invite: [bot] });
    await alice.waitFor(
      room,
      ({ type, sender, content }) =>
        type === 'm.room.member' && sender === bot && content['membership'] === 'join',
    );
    await alice.say(room, 'one');
    await world.waitForTexts(['one']);
    expect([await holds(holder), await holds(taker)]).toEqual([true, false]);
    expect(await taker.metrics.registry.metrics()).toContain(
      'vagent_ingress_queued_events_total{service="ingress"} 1',
    );
    await holder.stop();
    await alice.say(room, 'two');
    await world.waitForTexts(['one', 'two']);
    expect(await holds(taker)).toBe(true);
    expect(await world.texts()).toEqual(['one', 'two']);
    expect((await world.entriesOf('message.received')).every(({ body }) => body.encrypted)).toBe(true);
  });

  it('starts with no keys for a bot that is one device for ever', async () => {
    await using world = await IngressWorld.start(redisUrl, { env: { CRYPTO_STORE_KEY: storeKey } });
    await expect(world.ingress()).rejects.toBeInstanceOf(CryptoAccessError);
  });
});
