import { claimDevice } from '#crypto/device-lease/device-lease';
import { slotOf } from '#crypto/device-names';
import { MatrixRequestError } from '#matrix/errors';
import { redisNow } from '#streams/redis-now';
import { formatDuration } from '../cli/format-duration.ts';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { CryptoAccess } from './open-crypto.ts';
import { cryptoPrefix, type OwnDevice, readOwnDevices } from './own-devices.ts';

const dayMs = 86_400_000;
/** Longer than the removal takes; nobody opens the device meanwhile. */
const holdMs = 60_000;

/**
 * `vagent crypto prune`: logs out egress' devices that nobody has held for `days`, and forgets their stores. The device
 * of ingress is never one of them: it alone has the keys to what was not read yet.
 */
export async function prune(
  access: CryptoAccess,
  { days, isMeant }: { readonly days: number; readonly isMeant: boolean },
  { stdout }: Terminal,
): Promise<number> {
  const now = await redisNow(access.transport.redis);
  const { devices } = await readOwnDevices(access);
  const idle = devices.filter(
    (device) => isIdle(device, now - days * dayMs) || (days === 0 && isFree(device)),
  );
  if (idle.length === 0) {
    stdout.write(`No device of egress has been idle for ${days} days.\n`);
    return 0;
  }
  let left = 0;
  for (const device of idle) {
    const name = printable(device.deviceId);
    const since = lastUse(device);
    const idleFor = since === null ? 'nobody knows since when' : `idle for ${formatDuration(now - since)}`;
    if (!isMeant) stdout.write(`${name} would be removed (${idleFor})\n`);
    else if (await removeDevice(access, device.deviceId)) stdout.write(`${name} is gone (${idleFor})\n`);
    else {
      left += 1;
      stdout.write(`${name} was taken just now, and stays\n`);
    }
  }
  if (!isMeant) stdout.write('Nothing was changed. Add --yes to do it.\n');
  return left > 0 ? 1 : 0;
}

/** Where neither the lease nor the homeserver tells, nothing is known: such a device is only removed with 0 days. */
function isIdle(device: OwnDevice, before: number): boolean {
  return isFree(device) && (lastUse(device) ?? Number.POSITIVE_INFINITY) < before;
}

function isFree({ deviceId, slot }: OwnDevice): boolean {
  return deviceId.startsWith(`${cryptoPrefix}EGRESS_`) && slot?.owner == null;
}

function lastUse({ slot, lastSeenAt }: OwnDevice): number | null {
  return slot?.until ?? lastSeenAt;
}

/** Under the lease of the device's slot, so that nobody opens what is about to go. False where somebody was quicker. */
async function removeDevice(access: CryptoAccess, deviceId: string): Promise<boolean> {
  const { client, transport, password } = access;
  const { redis, keys } = transport;
  const keyOf = (device: string): string => keys.cryptoLease(client.userId, device);
  const slot = slotOf(deviceId);
  const claim = { devices: [slot], keyOf, member: transport.member, leaseMs: holdMs };
  const claimed = await claimDevice(redis, claim);
  if (!claimed.ok) return false;
  await deleteDevice(access, deviceId, password);
  const localpart = client.userId.slice(1).split(':')[0] ?? '';
  // The lease stays: its epoch goes on growing. Tokens are kept by the name that logged in.
  await redis.del(keys.cryptoStore(client.userId, slot));
  for (const user of [client.userId, localpart]) await redis.del(keys.token(user, deviceId));
  await claimed.lease.release();
  return true;
}

async function deleteDevice(
  { client }: CryptoAccess,
  deviceId: string,
  password: string | undefined,
): Promise<void> {
  const path = `/_matrix/client/v3/devices/${encodeURIComponent(deviceId)}`;
  try {
    await client.request('DELETE', path, { body: {} });
  } catch (error) {
    if (!(error instanceof MatrixRequestError)) throw error;
    if (error.challenge === undefined || password === undefined) throw error;
    const { session } = error.challenge;
    const identifier = { type: 'm.id.user', user: client.userId };
    const auth = { type: 'm.login.password', identifier, password, ...(session === null ? {} : { session }) };
    await client.request('DELETE', path, { body: { auth } });
  }
}
