import { z } from 'zod';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';

/** The sole right to be one crypto device, held for a while. */
export interface DeviceLease {
  readonly deviceId: string;
  readonly key: string;
  readonly member: string;
  /** Grows with every owner. */
  readonly epoch: number;
  /** False when another process has the right now. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

export type Claimed =
  | { readonly ok: true; readonly lease: DeviceLease }
  | { readonly ok: false; readonly freeInMs: number };

export interface ClaimOptions {
  /** In the order in which they are tried. */
  readonly devices: readonly string[];
  readonly keyOf: (deviceId: string) => string;
  /** Unique for the life of this process. */
  readonly member: string;
  readonly leaseMs: number;
}

const scripts = {
  claim: loadScript(new URL('claim.lua', import.meta.url)),
  renew: loadScript(new URL('renew.lua', import.meta.url)),
  release: loadScript(new URL('release.lua', import.meta.url)),
};
const claimReply = z.tuple([z.literal([0, 1]), z.int()]);

/** Takes the first of the devices that nobody holds; else says when the first of them may become free. */
export async function claimDevice(redis: RedisClient, options: ClaimOptions): Promise<Claimed> {
  const { devices, keyOf, member, leaseMs } = options;
  let freeInMs = Number.POSITIVE_INFINITY;
  for (const deviceId of devices) {
    const key = keyOf(deviceId);
    const [isTaken, number] = claimReply.parse(
      await runScript(redis, scripts.claim, [key], [member, leaseMs]),
    );
    if (isTaken === 1) return { ok: true, lease: holdLease(redis, options, deviceId, number) };
    freeInMs = Math.min(freeInMs, number);
  }
  return { ok: false, freeInMs };
}

function holdLease(
  redis: RedisClient,
  { keyOf, member, leaseMs }: ClaimOptions,
  deviceId: string,
  epoch: number,
): DeviceLease {
  const key = keyOf(deviceId);
  return {
    deviceId,
    key,
    member,
    epoch,
    renew: async () => (await runScript(redis, scripts.renew, [key], [member, epoch, leaseMs])) === 1,
    release: async () => {
      await runScript(redis, scripts.release, [key], [member, epoch]);
    },
  };
}
