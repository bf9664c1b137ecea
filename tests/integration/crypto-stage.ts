import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createKeys, type Keys } from '#contract/keys';
import type { CryptoDevice, CryptoSlot, Decrypted } from '#crypto/crypto-device';
import { type CryptoSlotOptions, openCryptoSlot } from '#crypto/open-crypto-slot';
import { connectMatrix } from '#matrix/connect-matrix';
import { createRedisTokenStore } from '#matrix/redis-token-store';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { EncryptedUser } from '../support/encrypted-user.ts';
import { eventually } from '../support/eventually.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const log = pino({ level: process.env['CRYPTO_TEST_LOG'] ?? 'silent' });

/** A homeserver, a bot that can be several devices, and people who encrypt. */
export interface CryptoStage extends AsyncDisposable {
  readonly homeserver: Homeserver;
  readonly redis: Redis;
  readonly prefix: string;
  readonly keys: Keys;
  readonly storeKey: string;
  readonly bot: MatrixUser;
  /** A slot that ends with the stage. */
  open(devices: readonly string[], options?: Partial<CryptoSlotOptions>): CryptoSlot;
  held(slot: CryptoSlot): Promise<CryptoDevice>;
  person(name: string, options?: { isSigned?: boolean }): Promise<EncryptedUser>;
  /** An encrypted room of this person with the bot and others in it. */
  room(
    owner: EncryptedUser,
    others?: readonly MatrixUser[],
    options?: Record<string, unknown>,
  ): Promise<string>;
  /** Sends as the bot what a device encrypted, as egress does: by another device. */
  send(room: string, content: object): Promise<string>;
}

export async function openCryptoStage(redisUrl: string): Promise<CryptoStage> {
  const homeserver = createHomeserver();
  await homeserver.start();
  const redis = new Redis(redisUrl);
  const prefix = uniquePrefix('crypto');
  const keys = createKeys(prefix);
  const storeKey = randomBytes(32).toString('base64');
  const bot = await MatrixUser.register(homeserver.url, 'bot');
  const stop = new AbortController();
  const slots: CryptoSlot[] = [];
  const connect = (deviceId: string) => {
    const plain = (text: string): string => text;
    const key = keys.token('bot', deviceId);
    const tokens = createRedisTokenStore({ redis, key, seal: plain, open: plain });
    const access = { kind: 'password', user: 'bot', password: 'pw-bot' } as const;
    return connectMatrix({ homeserver: homeserver.url, access, deviceId, isDevice: true }, { tokens, log });
  };
  return {
    homeserver,
    redis,
    prefix,
    keys,
    storeKey,
    bot,
    open: (devices, options = {}) => {
      const given = { devices, userId: bot.userId, connect, redis, keys, storeKey, log };
      const slot = openCryptoSlot({ ...given, signal: stop.signal, ...options });
      slots.push(slot);
      return slot;
    },
    held: (slot) => slot.held(AbortSignal.timeout(80_000)),
    person: async (name, options) => {
      return EncryptedUser.open(await MatrixUser.register(homeserver.url, name), options);
    },
    room: async (owner, others = [], options = {}) => {
      const room = await owner.createEncryptedRoom(options);
      for (const user of [bot, ...others]) await user.join(room);
      return room;
    },
    send: (room, content) => bot.send(room, { ...content }, { type: 'm.room.encrypted' }),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      for (const slot of slots) await slot[Symbol.asyncDispose]();
      redis.disconnect();
      await homeserver.stop();
    },
  };
}

/** What a device makes of an event once its key is there: keys travel beside events, not before them. */
export async function decrypted(device: CryptoDevice, event: unknown, room: string): Promise<Decrypted> {
  return eventually(async () => {
    const outcome = await device.decrypt(event, room);
    return (outcome.ok || !outcome.isLate) && outcome;
  });
}

export const text = (body: string) => ({ msgtype: 'm.text', body });

/** The session and the ratchet index of a megolm event: the index is the first number of the message (megolm.md). */
export function placeOf(content: Readonly<Record<string, unknown>>): { session: string; index: number } {
  const bytes = Buffer.from(String(content['ciphertext']), 'base64');
  if (bytes[0] !== 3 || bytes[1] !== 8) throw new Error('Not a megolm message');
  let index = 0;
  for (let at = 2, shift = 0; ; at += 1, shift += 7) {
    const byte = bytes[at] ?? 0;
    index |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  return { session: String(content['session_id']), index };
}
