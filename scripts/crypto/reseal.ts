import { parsePayloadKeys } from '#runtime/parse-payload-keys';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { CryptoAccess } from './open-crypto.ts';
import { readOwnDevices } from './own-devices.ts';

/**
 * `vagent crypto reseal`: seals the cross-signing keys with the newest key of `CRYPTO_STORE_KEY`, and tells which stores
 * still need an older one. 0 where none does.
 */
export async function reseal(access: CryptoAccess, { stdout }: Terminal): Promise<number> {
  const { client, saved, storeKey, transport } = access;
  const kept = await saved.load();
  if (kept !== undefined) {
    await saved.replace(kept);
    stdout.write(`The cross-signing keys of ${client.userId} are sealed with the newest key.\n`);
  }
  const newest = parsePayloadKeys(storeKey)[0]?.id ?? '';
  const { devices } = await readOwnDevices(access);
  let old = 0;
  for (const { deviceId, slot } of devices) {
    if (slot === null) continue;
    const key = transport.keys.cryptoStore(client.userId, deviceId);
    const sealed = Object.values(await transport.redis.hgetall(key));
    const others = sealed.filter((text) => text.startsWith('enc1.') && !text.startsWith(`enc1.${newest}.`));
    if (others.length === 0) continue;
    old += 1;
    stdout.write(`${printable(deviceId)}: ${others.length} records are sealed with an older key\n`);
  }
  stdout.write(
    old === 0
      ? 'No store needs an older key: take it out of CRYPTO_STORE_KEY.\n'
      : 'Stores are sealed anew when they are opened: restart ingress and egress, or remove idle devices with "vagent crypto prune", and run this again.\n',
  );
  return old === 0 ? 0 : 1;
}
