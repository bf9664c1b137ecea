import { MatrixRequestError } from './errors.ts';
import type { MatrixRequest } from './matrix-client.ts';

/** Makes sure that a user of an appservice exists, its sender too: Synapse makes them only when asked. */
export async function registerUser(request: MatrixRequest, localpart: string): Promise<void> {
  const body = { type: 'm.login.application_service', username: localpart, inhibit_login: true };
  try {
    await request('POST', '/_matrix/client/v3/register', { body });
  } catch (error) {
    if (error instanceof MatrixRequestError && error.errcode === 'M_USER_IN_USE') return;
    throw error;
  }
}
