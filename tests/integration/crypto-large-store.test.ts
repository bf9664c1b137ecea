import { randomBytes } from 'node:crypto';
import { DeviceId, EncryptionSettings, OlmMachine, RoomId, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { claimDevice } from '#crypto/device-lease/device-lease';
import { loadSdk } from '#crypto/load-sdk';
import { CryptoStore } from '#crypto/store/crypto-store';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.quit());
const sessions = 2_500;

it('a store of thousands of sessions comes back whole, and a write touches what was changed alone', async () => {
  await loadSdk();
  const place = `${uniquePrefix('crypto-large')}:{x}`;
  const key = `${place}:store`;
  const keyOf = (): string => `${place}:lease`;
  const claimed = await claimDevice(redis, { devices: ['D'], keyOf, member: 'm', leaseMs: 600_000 });
  if (!claimed.ok) throw new Error('The lease is not free');
  const storeKey = randomBytes(32).toString('base64');
  const written: number[] = [];
  const open = async () => {
    const onFlush = (_: number, records: number) => written.push(records);
    const store = await CryptoStore.open({ redis, key, lease: claimed.lease, storeKey, onFlush });
    const machine = await OlmMachine.initialize(new UserId('@a:x'), new DeviceId('D'), store.name);
    await store.begin();
    await store.flush();
    return { store, machine };
  };
  const first = await open();
  await first.machine.importExportedRoomKeys(await manyKeys(), () => undefined);
  await first.store.flush();
  expect(written.at(-1)).toBe(sessions);
  const room = (): RoomId => new RoomId('!own:x');
  await first.machine.shareRoomKey(room(), [], new EncryptionSettings());
  await first.machine.encryptRoomEvent(room(), 'm.room.message', '{}');
  await first.store.flush();
  await first.machine.encryptRoomEvent(room(), 'm.room.message', '{}');
  await first.store.flush();
  expect(written.at(-1)).toBe(1);
  const { ed25519 } = first.machine.identityKeys;
  await first.store.close(() => first.machine.close());

  const second = await open();
  expect(second.machine.identityKeys.ed25519.toBase64()).toBe(ed25519.toBase64());
  const counts = await second.machine.roomKeyCounts();
  // Its own room's among them.
  expect(counts.total).toBe(sessions + 1);
  await second.store.close(() => second.machine.close());
});

/** The exported keys of as many rooms. */
async function manyKeys(): Promise<string> {
  const machine = await OlmMachine.initialize(new UserId('@b:x'), new DeviceId('E'));
  for (let number = 0; number < sessions; number += 1) {
    await machine.shareRoomKey(new RoomId(`!room${number}:x`), [], new EncryptionSettings());
  }
  const keys = await machine.exportRoomKeys(() => true);
  machine.close();
  return keys;
}
