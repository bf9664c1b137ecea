import { CrossSigningError } from '../errors.ts';
import { publicKeyOf } from './cross-signing-keys.ts';
import type { CrossSigningDeps } from './init-cross-signing.ts';
import { readPublishedIdentity } from './published-identity.ts';
import { openSecrets } from './secret-storage.ts';

/**
 * Brings the private keys back from the account's secret storage, after Redis was lost. Only keys that fit the
 * published master key are taken.
 *
 * @returns the fingerprint of the master key.
 * @throws {CrossSigningError} where the recovery key is wrong, or the storage does not fit what is published.
 */
export async function restoreCrossSigning(
  { client, saved }: CrossSigningDeps,
  recoveryKey: string,
): Promise<string> {
  const keys = await openSecrets(client, recoveryKey);
  const fingerprint = publicKeyOf(keys.master);
  const { master } = await readPublishedIdentity(client);
  if (master !== fingerprint) {
    const now = master === undefined ? 'publishes none' : `publishes ${master}`;
    throw new CrossSigningError(
      `The secret storage of ${client.userId} holds the master key ${fingerprint}, but the homeserver ${now}. Make new keys: vagent crypto init --reset`,
    );
  }
  await saved.replace(keys);
  return fingerprint;
}
