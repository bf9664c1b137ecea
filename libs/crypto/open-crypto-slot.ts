import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { Keys } from '#contract/keys';
import { SenderSyncError } from '#matrix/errors';
import type { MatrixClient, MatrixRequest } from '#matrix/matrix-client';
import { backoffMs } from '#runtime/backoff-ms';
import type { RedisClient } from '#streams/redis-client';
import type { CryptoDevice, CryptoSlot } from './crypto-device.ts';
import { type CryptoMetrics, createCryptoMetrics } from './crypto-metrics.ts';
import type { DeviceHooks } from './device-hooks.ts';
import { claimDevice, type DeviceLease } from './device-lease/device-lease.ts';
import { CryptoAccessError, CryptoStoreError, DeviceLostError, NoDeviceError } from './errors.ts';
import { giveUpDaily } from './give-up-daily.ts';
import { linkAbort } from './link-abort.ts';
import { openDevice } from './open-device.ts';
import { OpenedDevice } from './opened-device.ts';
import { followNews } from './sync/follow-news.ts';

export interface CryptoSlotOptions extends DeviceHooks {
  /**
   * Slots in the order in which they are tried: one for a role that is one, several for replicas. A slot's device has
   * the same id, until it has to begin anew: then a part that is new follows it.
   */
  readonly devices: readonly string[];
  /** The full id of the bot's user, whose devices they are. */
  readonly userId: string;
  /** A client as that very device. Called anew for each time that a device is taken. */
  readonly connect: (deviceId: string) => Promise<MatrixClient>;
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** `CRYPTO_STORE_KEY`. */
  readonly storeKey: string;
  readonly log: Logger;
  readonly metrics?: CryptoMetrics;
  /** Ends everything, as disposing of the slot does. */
  readonly signal: AbortSignal;
  /** Whether events wait that may need old room keys; asked before any are given up. Default: none do. */
  readonly isBehind?: () => Promise<boolean>;
  readonly leaseMs?: number;
  /** How long the homeserver may hold a /sync of the device while nothing happens. */
  readonly waitMs?: number;
}

/** Holds the first free one of a few crypto devices, as long as it can, and the next one when that is lost. */
export function openCryptoSlot(options: CryptoSlotOptions): CryptoSlot {
  return new HeldSlot(options);
}

/** A device whose store cannot be read is left alone for so long. */
const brokenMs = 30_000;

class HeldSlot implements CryptoSlot {
  readonly #options: CryptoSlotOptions;
  readonly #metrics: CryptoMetrics;
  readonly #leaseMs: number;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  readonly #broken = new Map<string, number>();
  #device: CryptoDevice | undefined;
  #problem: unknown = new NoDeviceError('it is being opened');
  #waiters = new Set<(device: CryptoDevice) => void>();

  constructor(options: CryptoSlotOptions) {
    this.#options = options;
    this.#metrics = options.metrics ?? createCryptoMetrics(new Registry());
    this.#leaseMs = options.leaseMs ?? 5_000;
    this.#running = this.#run();
  }

  current(): CryptoDevice | undefined {
    return this.#device;
  }

  held(signal: AbortSignal): Promise<CryptoDevice> {
    if (this.#device !== undefined) return Promise.resolve(this.#device);
    const either = AbortSignal.any([signal, this.#stopped.signal]);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiters.delete(take);
        reject(either.reason);
      };
      const take = (device: CryptoDevice): void => {
        either.removeEventListener('abort', end);
        this.#waiters.delete(take);
        resolve(device);
      };
      this.#waiters.add(take);
      if (either.aborted) end();
      else either.addEventListener('abort', end, { once: true });
    });
  }

  async check(): Promise<void> {
    if (this.#device === undefined) throw this.#problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort(new NoDeviceError('the slot was given back'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, signal } = this.#options;
    using _link = linkAbort(signal, this.#stopped);
    let failures = 0;
    while (!this.#stopped.signal.aborted) {
      let pauseMs = 0;
      try {
        pauseMs = await this.#tick(() => {
          failures = 0;
        });
      } catch (error) {
        if (this.#stopped.signal.aborted) break;
        failures += 1;
        this.#problem = error;
        pauseMs = backoffMs(failures, { baseMs: 200, maxMs: 10_000 });
        const level = isForSomebody(error) ? 'error' : 'warn';
        log[level]({ err: error, pauseMs }, 'No crypto device is held, tries again');
      }
      await sleep(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  /** Holds a device as long as it can, if one is free. Resolves to the pause before the next try. */
  async #tick(onHeld: () => void): Promise<number> {
    const { redis, keys, userId } = this.#options;
    const now = performance.now();
    const devices = this.#options.devices.filter((device) => (this.#broken.get(device) ?? 0) < now);
    // Another name each time: what is still under way for an earlier lease must not pass for this one.
    const member = randomBytes(9).toString('base64url');
    const keyOf = (deviceId: string): string => keys.cryptoLease(userId, deviceId);
    const claimed = await claimDevice(redis, { devices, keyOf, member, leaseMs: this.#leaseMs });
    if (claimed.ok) {
      await this.#hold(claimed.lease, onHeld);
      return 0;
    }
    if (devices.length > 0) {
      this.#problem = new NoDeviceError(`other processes hold ${devices.join(', ')}`, { isElsewhere: true });
    }
    return Math.min(claimed.freeInMs + 5, this.#leaseMs / 3);
  }

  async #hold(lease: DeviceLease, onHeld: () => void): Promise<void> {
    const { log } = this.#options;
    const { deviceId, epoch } = lease;
    const end = new AbortController();
    const renewal = this.#keepRenewing(lease, end);
    using _link = linkAbort(this.#stopped.signal, end);
    try {
      await this.#serve(lease, end, onHeld);
    } catch (error) {
      if (error instanceof CryptoStoreError || error instanceof CryptoAccessError) {
        this.#broken.set(deviceId, performance.now() + brokenMs);
      }
      if (!(error instanceof DeviceLostError)) throw error;
      log.warn({ device: deviceId, epoch }, 'Another process holds the crypto device now');
      this.#metrics.lost.inc();
      this.#problem = error;
    } finally {
      clearInterval(renewal);
      await lease.release().catch(() => undefined);
    }
  }

  async #serve(lease: DeviceLease, end: AbortController, onHeld: () => void): Promise<void> {
    const { userId, redis, keys, storeKey, isBehind, waitMs = 30_000 } = this.#options;
    const { deviceId, epoch } = lease;
    const log = this.#options.log.child({ slot: deviceId, epoch });
    const connect = async (device: string): Promise<MatrixClient> => {
      const client = endingWith(end.signal, await this.#options.connect(device));
      if (client.deviceId !== device || client.userId !== userId) throw new CryptoAccessError();
      return client;
    };
    const key = keys.cryptoStore(userId, deviceId);
    const stop = (reason: Error): void => end.abort(reason);
    const keepsAll = await isBehind?.();
    const store = { redis, key, lease, storeKey, keepsAll };
    const parts = await openDevice({
      ...store,
      connect,
      userId,
      metrics: this.#metrics,
      log,
      ended: end.signal,
      end: stop,
    });
    await using device = new OpenedDevice(parts);
    try {
      await device.pump.run();
      await this.#options.onOpened?.(parts.machine, parts.client);
      void this.#options.whileOpen?.(device.hooked).catch((error: unknown) => {
        log.error({ err: error }, 'What runs beside the crypto device has ended');
      });
      void giveUpDaily(parts, { use: (work) => device.use(work), isBehind });
      const onCaughtUp = (): void => {
        log.info(
          { device: parts.deviceId, fingerprint: device.fingerprint, records: parts.store.records },
          'Holds the crypto device',
        );
        onHeld();
        this.#handOut(device);
      };
      await followNews(parts, { pump: device.pump, waitMs, onCaughtUp });
    } finally {
      if (this.#device !== undefined) this.#metrics.held.dec();
      this.#device = undefined;
      this.#problem = new NoDeviceError(`${deviceId} is given back`);
      // Whoever still works with it is told; what waits for the homeserver ends.
      stop(new DeviceLostError(deviceId));
    }
  }

  #handOut(device: CryptoDevice): void {
    this.#device = device;
    this.#metrics.held.inc();
    for (const take of this.#waiters) take(device);
  }

  #keepRenewing(lease: DeviceLease, end: AbortController): NodeJS.Timeout {
    const renew = async (): Promise<void> => {
      try {
        if (!(await lease.renew())) end.abort(new DeviceLostError(lease.deviceId));
      } catch (error) {
        // Not lost yet: the scripts refuse us as soon as it is.
        this.#options.log.warn({ err: error }, 'Could not renew the lease of a crypto device, tries again');
      }
    };
    return setInterval(() => void renew(), this.#leaseMs / 3);
  }
}

/** Only a person can mend it. */
function isForSomebody(error: unknown): boolean {
  return (
    error instanceof CryptoStoreError ||
    error instanceof CryptoAccessError ||
    error instanceof SenderSyncError
  );
}

/** No request of a device outlives it. */
function endingWith(signal: AbortSignal, client: MatrixClient): MatrixClient {
  const request: MatrixRequest = (method, path, options) =>
    client.request(method, path, { signal, ...options });
  return { ...client, request };
}
