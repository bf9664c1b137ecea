import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceId, OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Logger } from 'pino';
import type { MatrixClient } from '#matrix/matrix-client';
import type { CryptoMetrics } from './crypto-metrics.ts';
import type { DeviceLease } from './device-lease/device-lease.ts';
import { newDeviceName } from './device-names.ts';
import type { DeviceParts } from './device-parts.ts';
import { compareIdentity, type IdentityFit } from './identity/compare-identity.ts';
import { loadSdk, sdkLogger } from './load-sdk.ts';
import { CryptoStore, type CryptoStoreOptions } from './store/crypto-store.ts';

export interface OpenDeviceOptions extends Omit<CryptoStoreOptions, 'onFlush' | 'anewAs'> {
  readonly lease: DeviceLease;
  /** A client as that very device. */
  readonly connect: (deviceId: string) => Promise<MatrixClient>;
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
 * It gets a new name too: clients do not believe a device whose keys have changed.
 *
 * @throws {CryptoStoreError} where the store cannot be read; {@link DeviceLostError} where the lease was lost meanwhile.
 */
export async function openDevice(options: OpenDeviceOptions): Promise<DeviceParts> {
  await loadSdk();
  const parts = await open(options);
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

async function open(options: OpenDeviceOptions, anewAs?: string): Promise<DeviceParts> {
  const { userId, metrics, log, ended, end } = options;
  const onFlush = (seconds: number): void => {
    metrics.flushSeconds.observe(seconds);
    metrics.records.set(store.records);
  };
  const store = await CryptoStore.open({ ...options, anewAs, onFlush });
  const { deviceId, givenUp } = store;
  if (givenUp > 0)
    log.info({ device: deviceId, givenUp }, 'Room keys that were rotated away long ago are given up');
  const initialize = async () => {
    const client = await options.connect(deviceId);
    const ids = [new UserId(userId), new DeviceId(deviceId)] as const;
    return { client, machine: await OlmMachine.initialize(...ids, store.name, undefined, sdkLogger(log)) };
  };
  const { client, machine } = await initialize().catch(async (error: unknown) => {
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
  const { log, metrics, lease } = options;
  const anewAs = newDeviceName(lease.deviceId);
  log.error(
    { old: old.deviceId, device: anewAs, fit },
    'The homeserver does not have the keys of this crypto device: it begins anew, with another name and fingerprint. Was the device removed in a client, or Redis restored from a backup?',
  );
  metrics.begunAnew.inc();
  const roomKeys = await orClose(old, () => old.machine.exportRoomKeys(() => true));
  await closeParts(old);
  const parts = await open(options, anewAs);
  await orClose(parts, async () => {
    await parts.machine.importExportedRoomKeys(roomKeys, () => undefined);
    await parts.store.flush();
    // With it go the one-time keys that nobody here can answer to. Not before the new one is kept: it would come back.
    await old.client.request('POST', '/_matrix/client/v3/logout', { body: {} });
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
