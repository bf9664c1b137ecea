import { randomBytes } from 'node:crypto';
import { DeviceId, EncryptionSettings, OlmMachine, RoomId, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { claimDevice } from '#crypto/device-lease/device-lease';
import { loadSdk } from '#crypto/load-sdk';
import { CryptoStore } from '#crypto/store/crypto-store';
import { roomKeyPlace } from '#crypto/store/rotated-away';
import { today } from '#crypto/store/seen-sessions';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.quit());
const exported = z.array(z.object({ room_id: z.string(), session_id: z.string() }));

async function openPlace() {
  await loadSdk();
  const place = `${uniquePrefix('crypto-old')}:{x}`;
  const key = `${place}:store`;
  const keyOf = (): string => `${place}:lease`;
  const claimed = await claimDevice(redis, { devices: ['D'], keyOf, member: 'm', leaseMs: 600_000 });
  if (!claimed.ok) throw new Error('The lease is not free');
  const storeKey = randomBytes(32).toString('base64');
  const fields = async (store: string) => (await redis.hkeys(key)).filter((field) => field.startsWith(store));
  const open = async ({ keepsAll = false } = {}) => {
    const store = await CryptoStore.open({ redis, key, lease: claimed.lease, storeKey, keepsAll });
    const machine = await OlmMachine.initialize(new UserId('@a:x'), new DeviceId('D'), store.name);
    await store.begin();
    await store.flush();
    return { store, machine, total: async () => (await machine.roomKeyCounts()).total };
  };
  const close = ({ store, machine }: Awaited<ReturnType<typeof open>>) => store.close(() => machine.close());
  return { open, close, fields };
}

/** The keys that a person's device has used in a busy room, each for one message, and in a quiet one. */
async function keysOfPerson(): Promise<{ json: string; busy: string[]; quiet: string }> {
  const machine = await OlmMachine.initialize(new UserId('@b:x'), new DeviceId('E'));
  const settings = () => {
    const each = new EncryptionSettings();
    each.rotationPeriodMessages = 1n;
    return each;
  };
  for (const room of ['!quiet:x', '!busy:x', '!busy:x', '!busy:x']) {
    await machine.shareRoomKey(new RoomId(room), [], settings());
    await machine.encryptRoomEvent(new RoomId(room), 'm.room.message', '{}');
  }
  const json = await machine.exportRoomKeys(() => true);
  machine.close();
  const keys = exported.parse(JSON.parse(json));
  const of = (room: string): string[] =>
    keys.filter(({ room_id }) => room_id === room).map(({ session_id }) => session_id);
  return { json, busy: of('!busy:x'), quiet: of('!quiet:x')[0] ?? '' };
}

it('room keys that were rotated away and not used for long are given up, with the fenced write of the next opening', async () => {
  const { open, close, fields } = await openPlace();
  const { json, busy, quiet } = await keysOfPerson();
  const [old = '', unread = '', latest = ''] = busy;
  expect(busy).toHaveLength(3);
  const first = await open();
  await first.machine.importExportedRoomKeys(json, () => undefined);
  expect(await first.store.used.claim(old, 0, '$read')).toBe(true);
  const longAgo = today() - 100;
  const inBusy = (session: string): string => roomKeyPlace('!busy:x', session);
  await first.store.seen.note([inBusy(old), inBusy(unread), roomKeyPlace('!quiet:x', quiet)], longAgo);
  await first.store.seen.note([inBusy(latest)], today());
  await first.store.flush();
  expect(await first.total()).toBe(4);
  await close(first);

  // While events wait that may need them, nothing is given up.
  const behind = await open({ keepsAll: true });
  expect([behind.store.givenUp, await behind.total()]).toEqual([0, 4]);
  expect(await fields('inbound_group_sessions3')).toHaveLength(4);
  await close(behind);

  const second = await open();
  expect([second.store.givenUp, await second.total()]).toEqual([2, 2]);
  expect(await fields('inbound_group_sessions3')).toHaveLength(2);
  expect(await fields('seen_sessions')).toHaveLength(2);
  // T24: nothing that was encrypted with it counts again, were the key to come back.
  expect(await second.store.used.claim(old, 0, '$read')).toBe(false);
  expect(await second.store.used.claim(old, 7, '$another')).toBe(false);
  expect(await second.store.used.claim(latest, 0, '$new')).toBe(true);
  await second.store.flush();
  await close(second);

  const third = await open();
  expect([third.store.givenUp, await third.total()]).toEqual([0, 2]);
  expect(await third.store.used.claim(old, 7, '$another')).toBe(false);
  await close(third);
});

it('a store that stays open gives them up too, and nothing that is used later comes back', async () => {
  const { open, close, fields } = await openPlace();
  const { json, busy, quiet } = await keysOfPerson();
  const [old = '', unread = '', latest = ''] = busy;
  const inBusy = (session: string): string => roomKeyPlace('!busy:x', session);
  const store = await open();
  await store.machine.importExportedRoomKeys(json, () => undefined);
  expect(await store.store.used.claim(old, 0, '$read')).toBe(true);
  expect([await store.store.giveUpOld(), await store.total()]).toEqual([0, 4]);
  expect(await fields('seen_sessions')).toHaveLength(4);
  const rotated = [inBusy(old), inBusy(unread), roomKeyPlace('!quiet:x', quiet)];
  await store.store.seen.note(rotated, today() - 100);
  await store.store.seen.note([inBusy(latest)], today());
  expect([await store.store.giveUpOld(), await store.total()]).toEqual([2, 2]);
  expect(await fields('inbound_group_sessions3')).toHaveLength(2);
  expect(await fields('seen_sessions')).toHaveLength(2);
  expect([await store.store.giveUpOld(), await store.total()]).toEqual([0, 2]);
  // T24: as when it was given up at an opening.
  expect(await store.store.used.claim(old, 7, '$another')).toBe(false);
  await close(store);
  const next = await open();
  expect([next.store.givenUp, await next.total()]).toEqual([0, 2]);
  expect(await next.store.used.claim(old, 7, '$another')).toBe(false);
  expect(await next.store.used.claim(latest, 0, '$new')).toBe(true);
  await close(next);
});

it('room keys that nobody has noted count as used when the store is opened', async () => {
  const { open, close, fields } = await openPlace();
  const { json } = await keysOfPerson();
  const first = await open();
  await first.machine.importExportedRoomKeys(json, () => undefined);
  await first.store.flush();
  await close(first);
  expect(await fields('seen_sessions')).toHaveLength(0);
  const second = await open();
  expect([second.store.givenUp, await second.total()]).toEqual([0, 4]);
  expect(await fields('seen_sessions')).toHaveLength(4);
  await close(second);
});
