import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { initCrossSigning } from '#crypto/cross-signing/init-cross-signing';
import { createSavedKeys } from '#crypto/cross-signing/saved-keys';
import { signDevice } from '#crypto/cross-signing/sign-device';
import type { CryptoDevice } from '#crypto/crypto-device';
import { DeviceLostError, RoomEncryptionError } from '#crypto/errors';
import type { CryptoSlotOptions } from '#crypto/open-crypto-slot';
import { EncryptedUser } from '../support/encrypted-user.ts';
import { eventually } from '../support/eventually.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { type CryptoStage, decrypted, openCryptoStage, placeOf, text } from './crypto-stage.ts';

let stage: CryptoStage;
beforeEach(async () => {
  stage = await openCryptoStage(inject('redisUrl'));
});
afterEach(() => stage[Symbol.asyncDispose]());

const soon = () => AbortSignal.timeout(80_000);
const say = (device: CryptoDevice, room: string, body: string) =>
  device.encrypt(room, 'm.room.message', text(body), soon());

it('two devices of the bot and a person read each other', async () => {
  const alice = await stage.person('alice', { isSigned: true });
  const room = await stage.room(alice);
  const [ingress, egress] = await Promise.all([
    stage.held(stage.open(['INGRESS'])),
    stage.held(stage.open(['EGRESS_0'])),
  ]);
  expect(ingress.fingerprint).not.toBe(egress.fingerprint);

  const said = await alice.say(room, 'hello');
  const event = await stage.bot.event(room, said);
  expect(event.type).toBe('m.room.encrypted');
  const read = await decrypted(ingress, event, room);
  expect(read).toMatchObject({
    ok: true,
    type: 'm.room.message',
    content: { body: 'hello' },
    isSigned: true,
  });

  const relation = { rel_type: 'm.thread', event_id: said };
  const content = { ...text('good day'), 'm.relates_to': relation };
  const encrypted = await egress.encrypt(room, 'm.room.message', content, soon());
  expect(encrypted['m.relates_to']).toEqual(relation);
  expect(JSON.stringify(encrypted)).not.toContain('good day');
  const sent = await stage.send(room, encrypted);
  expect((await alice.waitFor(room, ({ event_id }) => event_id === sent)).content['body']).toBe('good day');
  // The bot's other device too.
  expect(await decrypted(ingress, await stage.bot.event(room, sent), room)).toMatchObject({ ok: true });
});

it('says that a person whose device nobody signed is not signed', async () => {
  const alice = await stage.person('alice');
  const room = await stage.room(alice);
  const ingress = await stage.held(stage.open(['INGRESS']));
  const event = await stage.bot.event(room, await alice.say(room, 'hello'));
  expect(await decrypted(ingress, event, room)).toMatchObject({ ok: true, isSigned: false });
});

it('knows that a new device is signed when it reads the first message of it', async () => {
  const alice = await stage.person('alice');
  const room = await stage.room(alice);
  const ingress = await stage.held(stage.open(['INGRESS']));
  const first = await stage.bot.event(room, await alice.say(room, 'from my old phone'));
  expect(await decrypted(ingress, first, room)).toMatchObject({ ok: true, isSigned: false });
  const login = await MatrixUser.login(stage.homeserver.url, 'alice');
  const phone = await EncryptedUser.open(login, { isSigned: true });
  const event = await stage.bot.event(room, await phone.say(room, 'from my new phone'));
  const read = await eventually(async () => {
    const tried = await ingress.decrypt(event, room);
    return tried.ok && tried;
  });
  expect(read.isSigned).toBe(true);
});

it('comes back with its keys after a restart, and encrypts with a new session', async () => {
  const alice = await stage.person('alice');
  const room = await stage.room(alice);
  const first = stage.open(['EGRESS_0']);
  const before = await stage.held(first);
  const heard = await stage.bot.event(room, await alice.say(room, 'early'));
  expect(await decrypted(before, heard, room)).toMatchObject({ ok: true });
  const place = placeOf(await say(before, room, 'one'));
  await first[Symbol.asyncDispose]();
  await expect(say(before, room, 'two')).rejects.toThrow(DeviceLostError);

  const after = await stage.held(stage.open(['EGRESS_0']));
  expect(after.fingerprint).toBe(before.fingerprint);
  expect(await decrypted(after, heard, room)).toMatchObject({ ok: true });
  expect(placeOf(await say(after, room, 'three')).session).not.toBe(place.session);
});

describe('slots', () => {
  it('each process takes the first device that is free, and one that waits takes what is given back', async () => {
    const candidates = ['EGRESS_0', 'EGRESS_1'];
    const first = stage.open(candidates);
    const zero = await stage.held(first);
    const one = await stage.held(stage.open(candidates));
    expect([zero.deviceId, one.deviceId]).toEqual(candidates);
    const third = stage.open(candidates, { leaseMs: 1_000 });
    await eventually(() =>
      third.check().then(
        () => false,
        (error: Error) => error.message.includes('other processes hold'),
      ),
    );
    expect(third.current()).toBeUndefined();
    await first[Symbol.asyncDispose]();
    const taken = await stage.held(third);
    expect([taken.deviceId, taken.fingerprint]).toEqual(['EGRESS_0', zero.fingerprint]);
    await third.check();
  });

  it('T24: one that was taken over writes nothing, returns nothing, and comes back when the device is free', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    // It learns of its loss by the refused write, not by the renewal.
    const slot = stage.open(['EGRESS_0'], { leaseMs: 120_000 });
    const device = await stage.held(slot);
    await say(device, room, 'mine');
    const lease = stage.keys.cryptoLease(stage.bot.userId, 'EGRESS_0');
    const store = stage.keys.cryptoStore(stage.bot.userId, 'EGRESS_0');
    const epoch = Number(await stage.redis.hget(lease, 'epoch'));
    await stage.redis.hset(lease, { owner: 'another', epoch: epoch + 1, until: Date.now() + 60_000 });
    const stored = await stage.redis.hgetall(store);

    await expect(say(device, room, 'not mine')).rejects.toThrow(DeviceLostError);
    expect(await stage.redis.hgetall(store)).toEqual(stored);
    await stage.redis.hdel(lease, 'owner', 'until');
    const again = await eventually(() => {
      const current = slot.current();
      return current !== device && current;
    });
    expect(again.fingerprint).toBe(device.fingerprint);
    expect(await stage.redis.hget(lease, 'epoch')).toBe(String(epoch + 2));
    await expect(say(device, room, 'still not mine')).rejects.toThrow(DeviceLostError);
    await say(again, room, 'mine again');
  });

  it('T24: one that was taken over sends no room key', async () => {
    const alice = await stage.person('alice');
    const [room, another] = [await stage.room(alice), await stage.room(alice)];
    const device = await stage.held(stage.open(['EGRESS_0'], { leaseMs: 120_000 }));
    // From here on it knows whom to share keys with: the next one needs nothing else.
    await say(device, room, 'mine');
    const shared = () => stage.homeserver.requests().filter(({ path }) => path.includes('/sendToDevice/'));
    const before = shared().length;
    expect(before).toBeGreaterThan(0);
    const lease = stage.keys.cryptoLease(stage.bot.userId, 'EGRESS_0');
    await stage.redis.hset(lease, { owner: 'another', until: Date.now() + 60_000 });
    await expect(say(device, another, 'not mine')).rejects.toThrow(DeviceLostError);
    expect(shared().length).toBe(before);
  });

  it('a lease that runs out without renewal lets nothing be written either', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const device = await stage.held(stage.open(['EGRESS_0'], { leaseMs: 120_000 }));
    await stage.redis.hset(stage.keys.cryptoLease(stage.bot.userId, 'EGRESS_0'), { until: 1 });
    await expect(say(device, room, 'too late')).rejects.toThrow(DeviceLostError);
  });
});

describe('keys of rooms', () => {
  it('one that has left cannot read on: the next event has another key', async () => {
    const [alice, carol] = [await stage.person('alice'), await stage.person('carol')];
    const room = await stage.room(alice, [carol]);
    const egress = await stage.held(stage.open(['EGRESS_0']));
    const before = placeOf(await say(egress, room, 'one'));
    const same = placeOf(await say(egress, room, 'two'));
    expect([same.session, same.index]).toEqual([before.session, before.index + 1]);
    await carol.leave(room);
    const encrypted = await say(egress, room, 'three');
    expect(placeOf(encrypted).session).not.toBe(before.session);
    const sent = await stage.send(room, encrypted);
    expect((await alice.waitFor(room, ({ event_id }) => event_id === sent)).content['body']).toBe('three');
    const event = await stage.bot.event(room, sent);
    await carol.device.catchUp();
    expect(await carol.device.decrypt(room, event)).toBeUndefined();
  });

  it('one that has just come reads the next event', async () => {
    const [alice, carol] = [await stage.person('alice'), await stage.person('carol')];
    const room = await stage.room(alice);
    const egress = await stage.held(stage.open(['EGRESS_0']));
    await say(egress, room, 'one');
    await carol.join(room);
    const sent = await stage.send(room, await say(egress, room, 'two'));
    expect((await carol.waitFor(room, ({ event_id }) => event_id === sent)).content['body']).toBe('two');
  });

  it('a key changes after as many events as the room says', async () => {
    const alice = await stage.person('alice');
    const content = { algorithm: 'm.megolm.v1.aes-sha2', rotation_period_msgs: 2 };
    const initial_state = [{ type: 'm.room.encryption', state_key: '', content }];
    const room = await stage.room(alice, [], { initial_state });
    const egress = await stage.held(stage.open(['EGRESS_0']));
    // All at once: sharing a key and using it must not come between each other.
    const sent = await Promise.all(['1', '2', '3', '4', '5'].map((body) => say(egress, room, body)));
    const places = sent.map(placeOf);
    expect(places.map(({ index }) => index)).toEqual([0, 1, 0, 1, 0]);
    expect(new Set(places.map(({ session }) => session)).size).toBe(3);
  });

  it('rooms that are not encrypted, or in an unknown way, are refused', async () => {
    const alice = await stage.person('alice');
    const egress = await stage.held(stage.open(['EGRESS_0']));
    const plain = await alice.createRoom({ preset: 'public_chat' });
    await stage.bot.join(plain);
    await expect(say(egress, plain, 'x')).rejects.toThrow(RoomEncryptionError);
    const initial_state = [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'rot13' } }];
    const odd = await stage.room(alice, [], { initial_state });
    await expect(say(egress, odd, 'x')).rejects.toThrow(/rot13/);
  });
});

describe('keys that are missing', () => {
  it('F64: a key that comes late is told of, and the event is read then', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const ingress = await stage.held(stage.open(['INGRESS']));
    alice.holdKeys(stage.bot.userId);
    const event = await stage.bot.event(room, await alice.say(room, 'patience'));
    expect(await ingress.decrypt(event, room)).toMatchObject({ ok: false, isLate: true });
    let told = 0;
    ingress.onKeys(() => {
      told += 1;
    });
    await alice.releaseKeys();
    await eventually(() => told > 0);
    expect(await decrypted(ingress, event, room)).toMatchObject({ ok: true, content: { body: 'patience' } });
  });

  it('F64: a key that is withheld for good is not waited for', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const ingress = await stage.held(stage.open(['INGRESS']));
    alice.holdKeys(stage.bot.userId);
    const event = await stage.bot.event(room, await alice.say(room, 'secret'));
    expect(await ingress.decrypt(event, room)).toMatchObject({ isLate: true });
    const told = Promise.withResolvers<void>();
    ingress.onKeys(told.resolve);
    await alice.tellWithheld(room, event.content);
    await told.promise;
    expect(await ingress.decrypt(event, room)).toMatchObject({ ok: false, isLate: false });
  });

  it('a signed device gets a key that it lacks from another one', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const { redis, keys, storeKey, bot } = stage;
    const saved = createSavedKeys({ redis, keys, storeKey, user: bot.userId });
    const onOpened: CryptoSlotOptions['onOpened'] = async (machine, client) => {
      await initCrossSigning({ client, saved, password: 'pw-bot' });
      await signDevice({ machine, client, saved });
    };
    const ingress = await stage.held(stage.open(['INGRESS'], { onOpened }));
    const event = await stage.bot.event(room, await alice.say(room, 'before you came'));
    expect(await decrypted(ingress, event, room)).toMatchObject({ ok: true });
    const egress = await stage.held(stage.open(['EGRESS_0'], { onOpened }));
    const read = await eventually(async () => {
      const tried = await egress.decrypt(event, room);
      return tried.ok && tried;
    });
    expect(read.content['body']).toBe('before you came');
  });
});

describe('forged events', () => {
  it('T24: what was encrypted by one person and is sent by another is refused', async () => {
    const [alice, mallory] = [await stage.person('alice'), await stage.person('mallory')];
    const room = await stage.room(alice, [mallory]);
    const ingress = await stage.held(stage.open(['INGRESS']));
    const event = await stage.bot.event(room, await alice.say(room, 'pay'));
    const copied = await mallory.sendClear(room, { ...event.content }, { type: 'm.room.encrypted' });
    const read = await ingress.decrypt(await stage.bot.event(room, copied), room);
    expect(read).toMatchObject({ ok: false, isLate: false });
  });

  it('T24: what is sent again as another event is refused, after a restart too; the same event is read again', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const slot = stage.open(['INGRESS']);
    const ingress = await stage.held(slot);
    const event = await stage.bot.event(room, await alice.say(room, 'approve'));
    expect(await decrypted(ingress, event, room)).toMatchObject({ ok: true });
    const replayed = { ...event, event_id: '$another', origin_server_ts: event.origin_server_ts + 1 };
    const refused = { ok: false, isLate: false, reason: 'it was sent before, as another event' };
    expect(await ingress.decrypt(replayed, room)).toEqual(refused);
    await slot[Symbol.asyncDispose]();
    const after = await stage.held(stage.open(['INGRESS']));
    expect(await after.decrypt(replayed, room)).toEqual(refused);
    expect(await decrypted(after, event, room)).toMatchObject({ ok: true, content: { body: 'approve' } });
  });

  it.each([
    ['nothing', undefined],
    ['no sender', { type: 'm.room.encrypted', content: {} }],
    ['another type', { type: 'm.room.message', sender: '@a:localhost', content: {} }],
    [
      'an unknown algorithm',
      { type: 'm.room.encrypted', sender: '@a:localhost', content: { algorithm: 'x' } },
    ],
    [
      'a ciphertext that is none',
      {
        type: 'm.room.encrypted',
        event_id: '$x',
        sender: '@a:localhost',
        origin_server_ts: 1,
        content: {
          algorithm: 'm.megolm.v1.aes-sha2',
          session_id: 's',
          ciphertext: '%',
          device_id: 'D',
          sender_key: 'k',
        },
      },
    ],
  ])('an event with %s is never readable, and says why', async (_, event) => {
    const ingress = await stage.held(stage.open(['INGRESS']));
    const read = await ingress.decrypt(event, '!room:localhost');
    expect(read).toMatchObject({ ok: false, isLate: false, reason: expect.stringMatching(/\w/) });
  });
});
