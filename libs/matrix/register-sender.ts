import { MatrixRequestError } from './errors.ts';
import type { MatrixRequest } from './matrix-client.ts';

/** Makes sure that the sender of an appservice exists as a user; Synapse makes it only when asked. */
export async function registerSender(request: MatrixRequest, localpart: string): Promise<void> {
  const body = { type: 'm.login.application_service', username: localpart, inhibit_login: true };
  try {
    await request('POST', '/_matrix/client/v3/register', { body });
  } catch (error) {
    if (error instanceof MatrixRequestError && error.errcode === 'M_USER_IN_USE') return;
    throw error;
  }
}
