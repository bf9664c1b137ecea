import type { MatrixClient } from '#matrix/matrix-client';
import {
  type CrossSigningKeys,
  newCrossSigningKeys,
  publicKeyOf,
  publicKeysOf,
} from './cross-signing-keys.ts';
import { readPublishedIdentity } from './published-identity.ts';
import type { SavedKeys } from './saved-keys.ts';
import { uploadKeys } from './upload-keys.ts';

export interface CrossSigningDeps {
  readonly client: MatrixClient;
  readonly saved: SavedKeys;
  /** Given where the homeserver asks for it; users of an appservice have none. */
  readonly password?: string | undefined;
}

export type CrossSigningOutcome =
  /** The keys are made, kept and published now. */
  | { readonly kind: 'made'; readonly fingerprint: string; readonly keys: CrossSigningKeys }
  /** They were before, and are the same in both places. */
  | { readonly kind: 'present'; readonly fingerprint: string; readonly keys: CrossSigningKeys }
  /** The homeserver has keys whose private halves are not here: lost, or made by another client. */
  | { readonly kind: 'elsewhere'; readonly fingerprint: string };

/**
 * Makes the cross-signing keys of a user once. Kept before they are published, so that no published key is without
 * its private half; whoever died in between is carried on by the next call. Two at once make the same keys.
 *
 * For a ghost of an appservice this is all: its keys need no recovery key.
 *
 * @throws {CrossSigningError} where the homeserver does not take them.
 */
export async function initCrossSigning(deps: CrossSigningDeps): Promise<CrossSigningOutcome> {
  const { client, saved, password } = deps;
  const [known, published] = [await saved.load(), await readPublishedIdentity(client)];
  const fingerprint = known === undefined ? undefined : publicKeyOf(known.master);
  if (published.master !== undefined) {
    if (known !== undefined && fingerprint === published.master)
      return { kind: 'present', fingerprint, keys: known };
    return { kind: 'elsewhere', fingerprint: published.master };
  }
  const keys = known ?? (await saved.saveFirst(newCrossSigningKeys()));
  await uploadKeys(client, publicKeysOf(client.userId, keys), password);
  return { kind: 'made', fingerprint: publicKeyOf(keys.master), keys };
}

/**
 * Publishes the kept keys, new ones where none are kept, in place of whatever is published. For users whom nobody
 * verifies by hand, such as ghosts after a loss of Redis; all who do it at once publish the same.
 *
 * @throws {CrossSigningError} where the homeserver does not take them.
 */
export async function publishKeptKeys({ client, saved, password }: CrossSigningDeps): Promise<void> {
  const keys = (await saved.load()) ?? (await saved.saveFirst(newCrossSigningKeys()));
  await uploadKeys(client, publicKeysOf(client.userId, keys), password);
}

/**
 * Replaces the keys: everybody who verified the user has to do it again. Where the homeserver does not take the new
 * ones, the old ones stay.
 */
export async function replaceCrossSigning(deps: CrossSigningDeps): Promise<CrossSigningOutcome> {
  const { client, saved, password } = deps;
  const keys = newCrossSigningKeys();
  const takeBack = await saved.replace(keys);
  try {
    await uploadKeys(client, publicKeysOf(client.userId, keys), password);
  } catch (error) {
    const { master } = await readPublishedIdentity(client);
    // Its answer may be what was lost: what is published decides.
    if (master !== publicKeyOf(keys.master)) {
      await takeBack();
      throw error;
    }
  }
  return { kind: 'made', fingerprint: publicKeyOf(keys.master), keys };
}
