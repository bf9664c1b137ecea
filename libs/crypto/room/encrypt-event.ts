import { RoomId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { z } from 'zod';
import type { EncryptedContent } from '#crypto/crypto-device';
import type { DeviceParts } from '#crypto/device-parts';
import type { Serial } from '#crypto/serial';
import type { RequestPump } from '#crypto/sync/request-pump';
import { toUserIds } from '#crypto/to-user-ids';
import { failpoint } from '#runtime/failpoint';
import type { RoomRoster, Roster } from './room-roster.ts';
import { toSdkSettings } from './room-settings.ts';

export interface EncryptDeps {
  readonly parts: DeviceParts;
  readonly pump: RequestPump;
  readonly roster: RoomRoster;
  readonly serial: Serial;
}

export interface EncryptJob {
  readonly room: string;
  readonly type: string;
  readonly content: object;
  readonly signal: AbortSignal;
}

const encryptedContent = z.record(z.string(), z.unknown());

/**
 * Encrypts one event for those who are in the room. Sharing the key and encrypting are one step for each room: the SDK
 * panics where a session has run out in between. What is returned is stored, so that its index is never used again.
 */
export function encryptEvent(deps: EncryptDeps, job: EncryptJob): Promise<EncryptedContent> {
  const askedAt = performance.now();
  const { parts, roster, serial } = deps;
  const { room, type, content, signal } = job;
  return serial(room, async () => {
    signal.throwIfAborted();
    const readers = await roster.read(room, askedAt);
    await meetDevices(deps, readers.users, signal);
    await shareKey(deps, room, readers, signal);
    const text = await parts.machine.encryptRoomEvent(new RoomId(room), type, JSON.stringify(content));
    await failpoint('crypto.after-encrypt');
    await parts.store.flush();
    parts.metrics.encrypted.inc();
    return encryptedContent.parse(JSON.parse(text));
  });
}

/** Learns the devices of those whom it does not know, and opens sessions with them. */
async function meetDevices(
  { parts: { machine }, pump }: EncryptDeps,
  users: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await machine.updateTrackedUsers(toUserIds(users));
  await pump.claim(users, signal);
}

async function shareKey(
  { parts: { machine, store, metrics }, pump }: EncryptDeps,
  room: string,
  { users, settings }: Roster,
  signal: AbortSignal,
): Promise<void> {
  const requests = await machine.shareRoomKey(new RoomId(room), toUserIds(users), toSdkSettings(settings));
  if (requests.length === 0) return;
  // Their ratchets have moved.
  await store.flush();
  await failpoint('crypto.before-share');
  for (const request of requests) {
    await pump.send(request, signal);
    metrics.keysShared.inc();
  }
}
