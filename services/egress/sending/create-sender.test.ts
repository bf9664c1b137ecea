import pino from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { CryptoDevice, CryptoSlot } from '#crypto/crypto-device';
import { DeviceLostError } from '#crypto/errors';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import type { Delivery } from '#streams/delivery';
import { createEgressMetrics } from '../egress-metrics.ts';
import { EncryptedRoomError, SendLaterError } from '../errors.ts';
import { freshMs } from './ask-ahead.ts';
import { botOnly } from './bot-only.ts';
import { createSender, type SpokenEvent } from './create-sender.ts';
import { createRoomEncryption } from './room-encryption.ts';
import { createSendPauses } from './send-pauses.ts';
import type { Speakers } from './speaker.ts';

const room = '!room:localhost';
const said: SpokenEvent = {
  room,
  type: 'm.room.message',
  content: { msgtype: 'm.text', body: 'the secret' },
  key: ['reply', '$q', 0],
};

interface Sent {
  readonly path: string;
  readonly body: unknown;
}

/** A homeserver of which a test says how the room's encryption is answered. */
function homeserver(encryption: () => Promise<unknown>) {
  const sent: Sent[] = [];
  let lookups = 0;
  const request: MatrixClient['request'] = async (method, path, options) => {
    if (method === 'GET') {
      lookups += 1;
      return encryption();
    }
    sent.push({ path, body: options?.body });
    return { event_id: `$event${sent.length}` };
  };
  const clientOf = (userId: string): MatrixClient => ({ userId, deviceId: 'VAGENT_EGRESS', request });
  return { sent, clientOf, lookups: () => lookups };
}

const answer = (status: number, errcode: string): MatrixRequestError => {
  const about = { method: 'GET', path: '/state', reason: errcode, retryAfterMs: null };
  return new MatrixRequestError({ ...about, status, errcode, retryable: status >= 500 });
};
const isPlain = async () => Promise.reject(answer(404, 'M_NOT_FOUND'));
const isEncrypted = async () => ({ algorithm: 'm.megolm.v1.aes-sha2' });

/** A device whose ciphertext only says that there is one. */
function slotOf(encrypt: CryptoDevice['encrypt']): CryptoSlot {
  const never = () => Promise.reject(new Error('not asked for here'));
  const device: CryptoDevice = {
    ...{ userId: '@bot:localhost', deviceId: 'VAGENT_CRYPTO_EGRESS_0', fingerprint: 'x', encrypt },
    ...{ decrypt: never, onKeys: () => () => undefined, forgetRoom: () => undefined },
  };
  return {
    current: () => device,
    held: async () => device,
    check: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
const sealing = slotOf(async () => ({ algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'sealed' }));

function senderOf(speakers: Speakers, seen: string[] = []) {
  const known = {
    has: async (one: string) => seen.includes(one),
    add: async (one: string) => {
      seen.push(one);
    },
  };
  const registry = new Registry();
  const sender = createSender({
    speakers,
    encryption: createRoomEncryption(speakers.bot.client, known),
    pauses: createSendPauses(),
    redisNow: async () => Date.now(),
    notePosted: async () => undefined,
    onTokenRefused: () => undefined,
    metrics: createEgressMetrics(registry),
    log: pino({ level: 'silent' }),
  });
  // The sender looks at nothing else of a delivery.
  const delivery = { signal: new AbortController().signal, appendedAt: Date.now() } as Delivery;
  const send = (event: SpokenEvent = said) => sender.send(delivery, event, () => false);
  const counted = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
  return { sender, delivery, send, counted };
}

const txnOf = (sent: Sent | undefined): string | undefined => sent?.path.split('/').at(-1);

describe('createSender', () => {
  it('asks before each event whether the room is encrypted by now, and no more once it is', async () => {
    let answers = isPlain as () => Promise<unknown>;
    const server = homeserver(() => answers());
    const { send } = senderOf(botOnly({ client: server.clientOf('@bot:localhost'), crypto: sealing }));
    await send();
    await send({ ...said, key: ['second'] });
    expect(server.lookups()).toBe(2);
    answers = isEncrypted;
    await send({ ...said, key: ['third'] });
    await send({ ...said, key: ['fourth'] });
    expect(server.lookups()).toBe(3);
    const types = server.sent.map(({ path }) => path.split('/').at(-2));
    expect(types).toEqual(['m.room.message', 'm.room.message', 'm.room.encrypted', 'm.room.encrypted']);
    expect(JSON.stringify(server.sent.slice(2))).not.toContain('secret');
  });

  it('asks ahead for the next event alone, and for another room not at all', async () => {
    const server = homeserver(isPlain);
    const { sender, delivery, send } = senderOf(
      botOnly({ client: server.clientOf('@bot:localhost'), crypto: sealing }),
    );
    sender.ahead(delivery, room);
    expect(server.lookups()).toBe(1);
    await send();
    expect(server.lookups()).toBe(1);
    await send({ ...said, key: ['second'] });
    expect(server.lookups()).toBe(2);
    sender.ahead(delivery, '!elsewhere:localhost');
    await send({ ...said, key: ['third'] });
    expect(server.lookups()).toBe(4);
  });

  it('T24: never sends clear text on what was answered long ago', async () => {
    let answers = isPlain as () => Promise<unknown>;
    const server = homeserver(() => answers());
    const bot = { client: server.clientOf('@bot:localhost'), crypto: sealing };
    const slow = {
      bot,
      speakerFor: async () => {
        const until = performance.now() + 2 * freshMs;
        while (performance.now() < until) await new Promise(setImmediate);
        return bot;
      },
    };
    const { sender, delivery, send } = senderOf(slow);
    sender.ahead(delivery, room);
    answers = isEncrypted;
    await send();
    expect(server.lookups()).toBe(2);
    expect(server.sent[0]?.path).toContain('/m.room.encrypted/');
  });

  it('sends the ciphertext under the transaction id that the clear event would have, and marks it with that', async () => {
    const plain = homeserver(isPlain);
    await senderOf(botOnly({ client: plain.clientOf('@bot:localhost'), crypto: sealing })).send();
    const server = homeserver(isEncrypted);
    const { send, counted } = senderOf(
      botOnly({ client: server.clientOf('@bot:localhost'), crypto: sealing }),
    );
    await send();
    const txnId = txnOf(plain.sent[0]);
    expect(txnOf(server.sent[0])).toBe(txnId);
    expect(server.sent[0]?.body).toEqual({
      algorithm: 'm.megolm.v1.aes-sha2',
      ciphertext: 'sealed',
      'dev.vagent.send': txnId,
    });
    expect(await counted('vagent_egress_encrypted_events_total')).toBe(1);
  });

  it.each([
    ['is down', answer(503, 'M_UNKNOWN'), SendLaterError],
    ['does not tell', answer(403, 'M_FORBIDDEN'), /may not send/],
    ['does not know its own answer', answer(404, 'M_UNRECOGNIZED'), /gone or unknown/],
  ])('T24: sends nothing while the homeserver %s', async (_, error, expected) => {
    const server = homeserver(() => Promise.reject(error));
    const { send } = senderOf(botOnly({ client: server.clientOf('@bot:localhost'), crypto: sealing }));
    await expect(send()).rejects.toThrow(expected);
    expect(server.sent).toEqual([]);
  });

  it('T24: believes no homeserver that a room is not encrypted any more, also in another process', async () => {
    const seen: string[] = [];
    const before = homeserver(isEncrypted);
    await senderOf(botOnly({ client: before.clientOf('@bot:localhost'), crypto: sealing }), seen).send();
    const lying = homeserver(isPlain);
    await senderOf(botOnly({ client: lying.clientOf('@bot:localhost'), crypto: sealing }), seen).send();
    expect(lying.sent[0]?.path).toContain('/m.room.encrypted/');
  });

  it('T24: sends nothing into an encrypted room without keys, and counts it', async () => {
    const server = homeserver(isEncrypted);
    const { send, counted } = senderOf(
      botOnly({ client: server.clientOf('@bot:localhost'), crypto: undefined }),
    );
    await expect(send()).rejects.toThrow(EncryptedRoomError);
    expect(server.sent).toEqual([]);
    expect(await counted('vagent_egress_encrypted_rooms_total')).toBe(1);
  });

  it('T24: comes again, with no attempt burnt, once the device is lost', async () => {
    const server = homeserver(isEncrypted);
    const lost = slotOf(() => Promise.reject(new DeviceLostError('VAGENT_CRYPTO_EGRESS_0')));
    const { send } = senderOf(botOnly({ client: server.clientOf('@bot:localhost'), crypto: lost }));
    await expect(send()).rejects.toMatchObject({
      retryable: true,
      retryAfterMs: 1_000,
      mayHaveArrived: false,
    });
    expect(server.sent).toEqual([]);
  });

  it('does not wait for a device that nobody holds: other rooms need the place', async () => {
    const server = homeserver(isEncrypted);
    const none: CryptoSlot = {
      ...sealing,
      current: () => undefined,
      held: () => new Promise(() => undefined),
    };
    const { send } = senderOf(botOnly({ client: server.clientOf('@bot:localhost'), crypto: none }));
    await expect(send()).rejects.toMatchObject({ retryAfterMs: 1_000, mayHaveArrived: false });
  });

  it('T24: links no file that was uploaded before the room was encrypted: the entry comes again', async () => {
    const server = homeserver(isEncrypted);
    const { send } = senderOf(botOnly({ client: server.clientOf('@bot:localhost'), crypto: sealing }));
    const content = { msgtype: 'm.file', body: 'answer.md', url: 'mxc://localhost/clear' };
    await expect(send({ ...said, content })).rejects.toMatchObject({ retryAfterMs: 100 });
    const file = { url: 'mxc://localhost/sealed', v: 'v2' };
    await send({ ...said, content: { msgtype: 'm.file', body: 'answer.md', file } });
    expect(server.sent).toHaveLength(1);
  });

  it('leaves of a reaction, which Matrix does not encrypt, only the sign and what it stands under', async () => {
    const server = homeserver(isEncrypted);
    const { send } = senderOf(botOnly({ client: server.clientOf('@bot:localhost'), crypto: sealing }));
    const relation = { rel_type: 'm.annotation', event_id: '$prompt', key: '✅' };
    await send({
      room,
      type: 'm.reaction',
      content: { 'dev.vagent': { session: '!other:x' }, 'm.relates_to': relation },
      key: ['seed'],
    });
    expect(server.sent[0]?.path).toContain('/m.reaction/');
    expect(server.sent[0]?.body).toEqual({
      'm.relates_to': relation,
      'dev.vagent.send': txnOf(server.sent[0]),
    });
  });

  it('lets the agent speak who can, and says whose voice it is', async () => {
    const server = homeserver(isPlain);
    const bot = { client: server.clientOf('@bot:localhost'), crypto: undefined };
    const ghost = { client: server.clientOf('@ghost:localhost'), crypto: undefined };
    const speakers = { bot, speakerFor: async (agent: string | null) => (agent === 'billing' ? ghost : bot) };
    const { sender, delivery, send } = senderOf(speakers);
    const voices = ['billing', 'nobody', null].map((agent) => sender.voiceOf(delivery, agent, room));
    expect(await Promise.all(voices)).toEqual(['billing', null, null]);
    await send(said);
    await send({ ...said, agent: 'billing' });
    expect(txnOf(server.sent[0])).not.toBe(txnOf(server.sent[1]));
  });
});
