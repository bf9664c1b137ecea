import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceId, OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Logger } from 'pino';
import type { MatrixClient } from '#matrix/matrix-client';
import type { CryptoMetrics } from './crypto-metrics.ts';
import type { DeviceLease } from './device-lease/device-lease.ts';
import type { DeviceParts } from './device-parts.ts';
import { CryptoStoreError } from './errors.ts';
import { compareIdentity, type IdentityFit } from './identity/compare-identity.ts';
import { loadSdk, sdkLogger } from './load-sdk.ts';
import { CryptoStore, type CryptoStoreOptions } from './store/crypto-store.ts';

export interface OpenDeviceOptions extends Omit<CryptoStoreOptions, 'onFlush' | 'isFresh'> {
  readonly lease: DeviceLease;
  readonly client: MatrixClient;
  readonly userId: string;
  readonly metrics: CryptoMetrics;
  readonly log: Logger;
  readonly ended: AbortSignal;
  readonly end: (reason: Error) => void;
}

const laterMs = 1_000;

/**
 * Restores the device's store, or makes a new one, and sees to it that the homeserver has the same keys for it: a
 * device that the homeserver has lost, or has other keys for, begins anew and takes along the room keys that it knows.
 *
 * @throws {CryptoStoreError} where the store cannot be read; {@link DeviceLostError} where the lease was lost meanwhile.
 */
export async function openDevice(options: OpenDeviceOptions): Promise<DeviceParts> {
  await loadSdk();
  const parts = await open(options, false);
  const fit = await orClose(parts, () => compareTwice(parts));
  return fit === 'fits' ? parts : beginAnew(options, parts, fit);
}

/** A homeserver of several processes may need a moment to show what it was given; a device is not lost for that. */
async function compareTwice({ machine, client, ended }: DeviceParts): Promise<IdentityFit> {
  const fit = await compareIdentity(machine, client);
  if (fit !== 'forgotten') return fit;
  await sleep(laterMs, undefined, { signal: ended });
  return compareIdentity(machine, client);
}

async function open(options: OpenDeviceOptions, isFresh: boolean): Promise<DeviceParts> {
  const { userId, lease, client, metrics, log, ended, end } = options;
  const { deviceId } = lease;
  const onFlush = (seconds: number): void => {
    metrics.flushSeconds.observe(seconds);
    metrics.records.set(store.records);
  };
  const store = await CryptoStore.open({ ...options, isFresh, onFlush });
  const machine = await OlmMachine.initialize(
    new UserId(userId),
    new DeviceId(deviceId),
    store.name,
    undefined,
    sdkLogger(log),
  ).catch(async (error: unknown) => {
    await store.close(() => undefined);
    throw error;
  });
  machine.roomKeyRequestsEnabled = true;
  machine.roomKeyForwardingEnabled = true;
  const parts = { userId, deviceId, machine, client, store, metrics, log, ended, end };
  await orClose(parts, async () => {
    await store.begin();
    // A device whose keys are uploaded must be able to come back with them.
    await store.flush();
  });
  return parts;
}

async function beginAnew(
  options: OpenDeviceOptions,
  old: DeviceParts,
  fit: 'forgotten' | 'other',
): Promise<DeviceParts> {
  const { log, metrics, client } = options;
  const { deviceId } = old;
  log.error(
    { device: deviceId, fit },
    'The homeserver does not have the keys of this crypto device: it begins anew, with another fingerprint. Was the device removed in a client, or Redis restored from a backup?',
  );
  metrics.begunAnew.inc();
  const roomKeys = await orClose(old, () => old.machine.exportRoomKeys(() => true));
  await closeParts(old);
  // With the device go the one-time keys that nobody here can answer to; the next request logs in again.
  if (fit === 'other') await client.request('POST', '/_matrix/client/v3/logout', { body: {} });
  const parts = await open(options, true);
  await orClose(parts, async () => {
    await parts.machine.importExportedRoomKeys(roomKeys, () => undefined);
    await parts.store.flush();
    if ((await compareIdentity(parts.machine, client)) === 'fits') return;
    throw new CryptoStoreError(
      `The homeserver keeps other keys for ${deviceId} even after a logout. Remove this device of the bot in a client, and let it log in again`,
    );
  });
  return parts;
}

async function orClose<T>(parts: DeviceParts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
}

async function closeParts({ machine, store }: DeviceParts): Promise<void> {
  await store.close(() => machine.close());
}
