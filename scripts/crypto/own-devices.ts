import { z } from 'zod';
import { type PublishedIdentity, readPublishedIdentity } from '#crypto/cross-signing/published-identity';
import { slotOf } from '#crypto/device-names';
import { parseAnswer } from '#matrix/parse-answer';
import { redisNow } from '#streams/redis-now';
import type { CryptoAccess } from './open-crypto.ts';

const answer = z.object({
  devices: z.array(z.object({ device_id: z.string(), last_seen_ts: z.number().nullish() })),
});

/** One of the bot's devices at its homeserver. */
export interface OwnDevice {
  readonly deviceId: string;
  readonly fingerprint: string | null;
  readonly isSigned: boolean;
  /** Null where the homeserver does not say. */
  readonly lastSeenAt: number | null;
  /** The slot of a crypto device: who holds it, or held it until when. Null for other devices. */
  readonly slot: Slot | null;
}

export interface Slot {
  /** Null where nobody holds it now. */
  readonly owner: string | null;
  readonly until: number | null;
  /** Records in its store. */
  readonly records: number;
}

export const cryptoPrefix = 'VAGENT_CRYPTO_';

/** What is known of the bot's devices, at the homeserver and here. Those that only a store is left of count, too. */
export async function readOwnDevices(
  access: CryptoAccess,
): Promise<{ identity: PublishedIdentity; devices: OwnDevice[] }> {
  const { client, transport } = access;
  const path = '/_matrix/client/v3/devices';
  const [identity, listed] = await Promise.all([
    readPublishedIdentity(client),
    client.request('GET', path).then((found) => parseAnswer(answer, path, found).devices),
  ]);
  const now = await redisNow(transport.redis);
  const published = new Map(identity.devices.map((device) => [device.deviceId, device]));
  const ids = listed.map(({ device_id }) => device_id).filter((id) => id !== `${cryptoPrefix}CLI`);
  const devices = await Promise.all(
    ids.sort().map(async (deviceId) => ({
      deviceId,
      fingerprint: published.get(deviceId)?.fingerprint ?? null,
      isSigned: published.get(deviceId)?.isSigned ?? false,
      lastSeenAt: listed.find(({ device_id }) => device_id === deviceId)?.last_seen_ts ?? null,
      slot: deviceId.startsWith(cryptoPrefix) ? await readSlot(access, slotOf(deviceId), now) : null,
    })),
  );
  return { identity, devices };
}

export async function readSlot(
  { client, transport: { redis, keys } }: CryptoAccess,
  slot: string,
  now: number,
): Promise<Slot> {
  const [[owner, until], records] = await Promise.all([
    redis.hmget(keys.cryptoLease(client.userId, slot), 'owner', 'until'),
    redis.hlen(keys.cryptoStore(client.userId, slot)),
  ]);
  const isHeld = owner != null && owner !== '' && Number(until ?? 0) > now;
  return { owner: isHeld ? owner : null, until: until == null ? null : Number(until), records };
}
