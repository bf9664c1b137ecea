import { type AccountDeps, connectAccount } from './connect-account.ts';
import type { Identity } from './connect-matrix.ts';
import { MatrixLoginError } from './errors.ts';
import type { MatrixClient } from './matrix-client.ts';
import type { MatrixSettings } from './matrix-settings.ts';

/**
 * A client that sends as a device, so that the homeserver remembers for a day what was sent. Where it lets no appservice log
 * in, a client without a device, of which it remembers that for an hour, and not over a restart.
 *
 * @throws {MatrixLoginError} when the homeserver refuses the account.
 */
export async function connectSender(
  settings: MatrixSettings,
  role: string,
  deps: AccountDeps,
  identity: Pick<Identity, 'localpart'> = {},
): Promise<MatrixClient> {
  try {
    return await connectAccount(settings, role, deps, { ...identity, isDevice: true });
  } catch (error) {
    if (!(error instanceof MatrixLoginError) || settings.access.kind !== 'appservice') throw error;
    deps.log.warn({ err: error }, 'The appservice cannot log in as a device, so it sends without one');
    return connectAccount(settings, role, deps, identity);
  }
}
