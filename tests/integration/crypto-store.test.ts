import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { CryptoDevice, CryptoSlot } from '#crypto/crypto-device';
import { CryptoStoreError } from '#crypto/errors';
import { eventually } from '../support/eventually.ts';
import { type CryptoStage, decrypted, openCryptoStage, placeOf, text } from './crypto-stage.ts';

const device = 'EGRESS_0';
let stage: CryptoStage;
let key: string;
beforeEach(async () => {
  stage = await openCryptoStage(inject('redisUrl'));
  key = stage.keys.cryptoStore(stage.bot.userId, device);
});
afterEach(() => stage[Symbol.asyncDispose]());

const say = (from: CryptoDevice, room: string, body: string) =>
  from.encrypt(room, 'm.room.message', text(body), AbortSignal.timeout(80_000));
const close = (slot: CryptoSlot) => slot[Symbol.asyncDispose]();
const copy = () => stage.redis.hgetall(key);
async function putBack(fields: Record<string, string>): Promise<void> {
  await stage.redis.multi().del(key).hset(key, fields).exec();
}

/** The reason why a slot holds no device. */
function refusal(slot: CryptoSlot): Promise<Error> {
  return eventually(() =>
    slot.check().then(
      () => undefined,
      (error: unknown) => (error instanceof CryptoStoreError ? error : undefined),
    ),
  );
}

async function written(): Promise<Record<string, string>> {
  const slot = stage.open([device]);
  await stage.held(slot);
  await close(slot);
  return copy();
}

describe('what stands in Redis', () => {
  it('T24: is sealed, every field of it', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const held = await stage.held(stage.open([device]));
    const session = placeOf(await say(held, room, 'hello')).session;
    const { revision, ...fields } = await copy();
    expect(Number(revision)).toBeGreaterThan(0);
    expect(Object.keys(fields).length).toBeGreaterThan(5);
    for (const sealed of Object.values(fields)) expect(sealed).toMatch(/^enc1\./);
    const everything = JSON.stringify(fields);
    for (const known of [held.fingerprint, session, room, alice.userId, 'signing_key', 'pickle']) {
      expect(everything).not.toContain(known);
    }
  });

  it('T24: is refused where a record was changed, swapped, or is not sealed, and the reason says what to do', async () => {
    const fields = await written();
    const [first = '', second = ''] = Object.keys(fields).filter((field) => field.startsWith('core:'));
    const sealed = fields[first] ?? '';
    const wrongs = [
      { ...fields, [first]: `${sealed.slice(0, -6)}${sealed.at(-6) === 'A' ? 'B' : 'A'}${sealed.slice(-5)}` },
      { ...fields, [first]: fields[second] ?? '' },
      { ...fields, [first]: '{"pickle":"mine"}' },
      Object.fromEntries(Object.entries(fields).filter(([field]) => field !== 'meta')),
    ];
    for (const wrong of wrongs) {
      await putBack(wrong);
      const slot = stage.open([device]);
      expect((await refusal(slot)).message).toMatch(/Restore this key of Redis from a backup, or delete it/);
      expect(slot.current()).toBeUndefined();
      expect(await copy()).toEqual(wrong);
      await close(slot);
    }
    await putBack(fields);
    await stage.held(stage.open([device]));
  });

  it('opens with an older key in the list, and is sealed with the newest from then on', async () => {
    await written();
    const newest = randomBytes(32).toString('base64');
    const without = stage.open([device], { storeKey: newest });
    expect((await refusal(without)).message).toMatch(/CRYPTO_STORE_KEY does not hold.*Add that key/);
    await close(without);
    const both = stage.open([device], { storeKey: `${newest},${stage.storeKey}` });
    const { fingerprint } = await stage.held(both);
    await close(both);
    const alone = await stage.held(stage.open([device], { storeKey: newest }));
    expect(alone.fingerprint).toBe(fingerprint);
  });

  it('grows by what was changed, whatever is there already', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const held = await stage.held(stage.open([device]));
    await say(held, room, 'one');
    const before = await copy();
    await say(held, room, 'two');
    const after = await copy();
    const changed = Object.keys(after).filter((field) => after[field] !== before[field]);
    expect(changed.map((field) => field.split(':')[0]).sort()).toEqual([
      'outbound_group_sessions',
      'revision',
    ]);
  });
});

describe('a Redis that came back from an older copy', () => {
  it('no ratchet index is used twice', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const used: string[] = [];
    const use = async (from: CryptoDevice): Promise<void> => {
      const { session, index } = placeOf(await say(from, room, 'x'));
      used.push(`${session} ${index}`);
    };
    const slot = stage.open([device]);
    const before = await stage.held(slot);
    await use(before);
    const older = await copy();
    await use(before);
    await use(before);
    await close(slot);
    await putBack(older);
    const after = await stage.held(stage.open([device]));
    expect(after.fingerprint).toBe(before.fingerprint);
    for (let i = 0; i < 4; i += 1) await use(after);
    expect(new Set(used).size).toBe(7);
  });

  it('a device that is open writes everything again', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const slot = stage.open([device]);
    const held = await stage.held(slot);
    const older = await copy();
    const said = await stage.bot.event(room, await alice.say(room, 'between'));
    expect(await decrypted(held, said, room)).toMatchObject({ ok: true });
    await putBack(older);
    await say(held, room, 'x');
    await close(slot);
    const after = await stage.held(stage.open([device]));
    expect(after.fingerprint).toBe(held.fingerprint);
    expect(await decrypted(after, said, room)).toMatchObject({ ok: true });
  });
});

describe('a device and its homeserver', () => {
  it.each(['while it is open', 'while it is closed'])(
    'that is deleted there %s begins anew, keeps the room keys it has, and is read again',
    async (when) => {
      const alice = await stage.person('alice');
      const room = await stage.room(alice);
      const slot = stage.open([device], { waitMs: 1_000 });
      const before = await stage.held(slot);
      const said = await stage.bot.event(room, await alice.say(room, 'old'));
      expect(await decrypted(before, said, room)).toMatchObject({ ok: true });
      if (when === 'while it is closed') await close(slot);
      const auth = { type: 'm.login.password', password: 'pw-bot' };
      await stage.bot.request('DELETE', `/v3/devices/${device}`, { body: { auth } });
      const again = when === 'while it is open' ? slot : stage.open([device]);
      const after = await eventually(() => {
        const current = again.current();
        return current !== undefined && current.fingerprint !== before.fingerprint && current;
      });
      expect(await decrypted(after, said, room)).toMatchObject({ ok: true });
      const sent = await stage.send(room, await say(after, room, 'new'));
      expect((await alice.waitFor(room, ({ event_id }) => event_id === sent)).content['body']).toBe('new');
    },
  );

  it('whose store is lost begins anew under another name, the old one goes, and people who knew it are read', async () => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    const slot = stage.open([device]);
    const before = await stage.held(slot);
    await stage.send(room, await say(before, room, 'old'));
    await alice.timeline(room);
    await close(slot);
    await stage.redis.del(key);
    const after = await stage.held(stage.open([device]));
    expect(after.fingerprint).not.toBe(before.fingerprint);
    // Clients do not believe a device whose keys have changed, but take a new one.
    expect(after.deviceId).toMatch(new RegExp(`^${device}_[0-9A-F]{6}$`));
    const { devices } = await stage.bot.request('GET', '/v3/devices');
    expect(JSON.stringify(devices)).not.toContain(`"${device}"`);
    const sent = await stage.send(room, await say(after, room, 'new'));
    expect((await alice.waitFor(room, ({ event_id }) => event_id === sent)).content['body']).toBe('new');
    const heard = await stage.bot.event(room, await alice.say(room, 'welcome back'));
    expect(await decrypted(after, heard, room)).toMatchObject({ ok: true });
  });
});
