import type { EntryOf } from '#contract/entry';
import { EncryptedUser, encryptionState } from '../support/encrypted-user.ts';
import { eventually } from '../support/eventually.ts';
import { IngressWorld } from './ingress-world.ts';

export const storeKey = Buffer.alloc(32, 7).toString('base64');
const cryptoDevice = 'VAGENT_CRYPTO_INGRESS';

/** An ingress world whose bot can read encrypted rooms, and Alice with a client that encrypts. */
export interface EncryptedStage extends AsyncDisposable {
  readonly world: IngressWorld;
  readonly alice: EncryptedUser;
  /** An encrypted room of Alice's with the bot, once the bot has its device there. */
  room(options?: Record<string, unknown>): Promise<string>;
  messages(): Promise<EntryOf<'message.received'>['body'][]>;
  /** The texts, empty ones for what could not be read. */
  waitForMessages(count: number): Promise<EntryOf<'message.received'>['body'][]>;
  /** The bot's crypto device has keys, so that what is sent now is encrypted for it. */
  deviceIsUp(): Promise<void>;
  /** How many events wait in the queue. */
  queued(): Promise<number>;
}

/** Starts no ingress. */
export async function startEncryptedStage(
  redisUrl: string,
  env: Record<string, string> = {},
): Promise<EncryptedStage> {
  const world = await IngressWorld.start(redisUrl, {
    env: {
      MATRIX_ACCESS_TOKEN: '',
      MATRIX_USER: 'vagent',
      MATRIX_PASSWORD: 'pw-vagent',
      CRYPTO_STORE_KEY: storeKey,
      KEY_WAIT_SECONDS: '2',
      ...env,
    },
  });
  await world.bot.join(world.adminRoom);
  const alice = await EncryptedUser.open(world.alice);
  const stage: EncryptedStage = {
    world,
    alice,
    async room(options = {}) {
      const room = await alice.createRoom({
        preset: 'public_chat',
        initial_state: [encryptionState],
        ...options,
      });
      await world.bot.join(room);
      return room;
    },
    messages: async () => (await world.entriesOf('message.received')).map(({ body }) => body),
    waitForMessages: (count) =>
      eventually(
        async () => {
          const all = await stage.messages();
          return all.length >= count && all;
        },
        { what: `${count} messages are in the streams` },
      ),
    async deviceIsUp() {
      const isUp = async (): Promise<boolean> => {
        const body = { device_keys: { [world.bot.userId]: [] } };
        const answer = await alice.request('POST', '/v3/keys/query', { body });
        return cryptoDevice in Object(Object(answer['device_keys'])[world.bot.userId]);
      };
      await eventually(isUp, { what: 'the bot has published the keys of its device' });
    },
    queued: () => world.redis.xlen(world.keys.ciphertext(world.bot.userId)),
    [Symbol.asyncDispose]: async () => {
      alice.device.close();
      await world[Symbol.asyncDispose]();
    },
  };
  return stage;
}
