import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { CrossSigningError } from '../errors.ts';
import type { PublicKeys } from './cross-signing-keys.ts';

const path = '/_matrix/client/v3/keys/device_signing/upload';

/**
 * Publishes cross-signing keys. The first ones of an account are taken without further proof (MSC3967); where the
 * homeserver wants one, the password is given ("User-interactive authentication API").
 *
 * @throws {CrossSigningError} where it wants something else, or does not take the password.
 */
export async function uploadKeys(
  client: MatrixClient,
  keys: PublicKeys,
  password: string | undefined,
): Promise<void> {
  const challenge = await post(client, keys, undefined);
  if (challenge === undefined) return;
  const { session, flows } = challenge;
  const isByPassword = flows.some((stages) => stages.length === 1 && stages[0] === 'm.login.password');
  if (!isByPassword) {
    const ways = flows.map((stages) => stages.join(' and ')).join(', or ') || 'nothing that it names';
    throw new CrossSigningError(
      `The homeserver wants a proof that vagent cannot give (${ways}). Let its administrator allow the replacement of the cross-signing keys of ${client.userId}, and try again`,
    );
  }
  if (password === undefined)
    throw new CrossSigningError(
      `The homeserver wants the password of ${client.userId}: set MATRIX_USER and MATRIX_PASSWORD`,
    );
  const identifier = { type: 'm.id.user', user: client.userId };
  const auth = { type: 'm.login.password', identifier, password, ...(session === null ? {} : { session }) };
  if ((await post(client, keys, auth)) !== undefined)
    throw new CrossSigningError(
      `The homeserver does not take the password of ${client.userId}: check MATRIX_PASSWORD`,
    );
}

/** What the homeserver wants to see first; undefined where it is done. */
async function post(client: MatrixClient, keys: PublicKeys, auth: object | undefined) {
  try {
    await client.request('POST', path, { body: auth === undefined ? keys : { ...keys, auth } });
    return undefined;
  } catch (error) {
    if (error instanceof MatrixRequestError && error.challenge !== undefined) return error.challenge;
    throw error;
  }
}
