import type { Keys } from '#contract/keys';
import { claimDevice } from '#crypto/device-lease/device-lease';
import { createRecordSealer } from '#crypto/store/record-sealer';
import type { RedisClient } from '#streams/redis-client';
import { createSavedKeys } from './saved-keys.ts';

export interface ResealOptions {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** `CRYPTO_STORE_KEY`: the newest first, then those to be given up. */
  readonly storeKey: string;
  /** Not used by any process before or after. */
  readonly member: string;
}

/** Longer than a store of many thousand records takes. */
const leaseMs = 120_000;
const perPage = 200;

/** Seals the cross-signing keys of a user with the newest key. @throws {CryptoStoreError} where they cannot be opened. */
export async function resealCrossSigning(options: ResealOptions, user: string): Promise<void> {
  const saved = createSavedKeys({ ...options, user });
  const kept = await saved.load();
  if (kept !== undefined) await saved.replace(kept);
}

/**
 * Seals the store of a device with the newest key, holding the device meanwhile so that nobody else writes.
 *
 * @returns how many records it were; undefined where a process holds the device: it does the same when it opens it next.
 * @throws {CryptoStoreError} where a record cannot be opened.
 */
export async function resealStore(
  { redis, keys, storeKey, member }: ResealOptions,
  user: string,
  deviceId: string,
): Promise<number | undefined> {
  const keyOf = (device: string): string => keys.cryptoLease(user, device);
  const claimed = await claimDevice(redis, { devices: [deviceId], keyOf, member, leaseMs });
  if (!claimed.ok) return undefined;
  const key = keys.cryptoStore(user, deviceId);
  const sealer = createRecordSealer(storeKey, key);
  let resealed = 0;
  try {
    let cursor = '0';
    do {
      const [next, flat] = await redis.hscan(key, cursor, 'COUNT', perPage);
      cursor = next;
      if (!(await claimed.lease.renew())) return undefined;
      for (let at = 0; at + 1 < flat.length; at += 2) {
        const [field = '', sealed = ''] = [flat[at], flat[at + 1]];
        if (!needsReseal(sealer, sealed)) continue;
        await redis.hset(key, field, sealer.seal(field, sealer.open(field, sealed)));
        resealed += 1;
      }
    } while (cursor !== '0');
    return resealed;
  } finally {
    await claimed.lease.release();
  }
}

/** Whether some record of a store was sealed with another key than the newest. */
export async function hasOldSeals({ redis, storeKey }: ResealOptions, store: string): Promise<boolean> {
  const sealer = createRecordSealer(storeKey, store);
  let cursor = '0';
  do {
    const [next, flat] = await redis.hscan(store, cursor, 'COUNT', perPage);
    cursor = next;
    if (flat.some((text, at) => at % 2 === 1 && needsReseal(sealer, text))) return true;
  } while (cursor !== '0');
  return false;
}

/** Numbers beside the records are not sealed. */
function needsReseal(sealer: ReturnType<typeof createRecordSealer>, text: string): boolean {
  return text.startsWith('enc1.') && !sealer.isNewest(text);
}
