import { hasOldSeals, resealCrossSigning, resealStore } from '#crypto/cross-signing/reseal-keys';
import { scanKeys } from '#operations/erase/scan-keys';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { CryptoAccess } from './open-crypto.ts';

/**
 * `vagent crypto reseal`: seals all keys of the bot and of its ghosts with the newest key of `CRYPTO_STORE_KEY`, but for
 * the stores that processes hold, which do it by themselves when they open them next. 0 where none needs an older key.
 */
export async function reseal(access: CryptoAccess, { stdout }: Terminal): Promise<number> {
  const { storeKey, transport } = access;
  const { redis, keys, member } = transport;
  const options = { redis, keys, storeKey, member };
  const prefix = keys.settings().slice(0, -':settings'.length);
  let held = 0;
  for await (const page of scanKeys(redis, `${prefix}:{crypto`)) {
    for (const key of new Set(page)) {
      const [, user] = /\{crypto:(@[^}]+)\}:cross-signing$/.exec(key) ?? [];
      if (user !== undefined) {
        await resealCrossSigning(options, user);
        stdout.write(`The cross-signing keys of ${printable(user)} are sealed with the newest key\n`);
      }
      const [, owner, device] = /\{crypto:(@[^}]+):([A-Z0-9_]+)\}:store$/.exec(key) ?? [];
      if (owner === undefined || device === undefined || !(await hasOldSeals(options, key))) continue;
      const count = await resealStore(options, owner, device);
      if (count === undefined) held += 1;
      const name = `${printable(owner)} ${device}`;
      stdout.write(
        count === undefined ? `${name} is held by a process\n` : `${name}: ${count} records sealed anew\n`,
      );
    }
  }
  stdout.write(
    held === 0
      ? 'Nothing needs an older key: take it out of CRYPTO_STORE_KEY.\n'
      : 'Held stores are sealed anew when they are opened: restart ingress and egress, and run this again.\n',
  );
  return held === 0 ? 0 : 1;
}
