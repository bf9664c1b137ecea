import type { Logger } from 'pino';
import { z } from 'zod';
import { MatrixAnswerError, MatrixLoginError, MatrixRequestError } from './errors.ts';
import type { Method, RequestOptions } from './matrix-client.ts';

/** A request with the given token; with an empty one it is made without. */
export type SendAs = (
  token: string,
  method: Method,
  path: string,
  options?: RequestOptions,
) => Promise<unknown>;

/** What proves who logs in: a password, or the token of the appservice that the user belongs to. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'appservice'; readonly user: string; readonly asToken: string };

const answerSchema = z.object({ access_token: z.string().min(1) });
const path = '/_matrix/client/v3/login';

/**
 * Logs in as one device (client-server API, "Login"; application service API, `m.login.application_service`).
 *
 * @returns the device's access token.
 * @throws {MatrixLoginError} when the homeserver refuses; {@link MatrixRequestError} when it could not be asked.
 */
export async function logIn(
  sendAs: SendAs,
  credentials: Credentials,
  { deviceId, log }: { readonly deviceId: string; readonly log: Logger },
): Promise<string> {
  const { user } = credentials;
  const proof =
    credentials.kind === 'password'
      ? { type: 'm.login.password', password: credentials.password }
      : { type: 'm.login.application_service' };
  const body = {
    ...proof,
    identifier: { type: 'm.id.user', user },
    device_id: deviceId,
    initial_device_display_name: 'vagent',
  };
  try {
    const token = credentials.kind === 'password' ? '' : credentials.asToken;
    const answer = answerSchema.safeParse(await sendAs(token, 'POST', path, { body }));
    if (!answer.success) throw new MatrixAnswerError(path, 'no access_token');
    log.info({ user, device: deviceId }, 'Logged in');
    return answer.data.access_token;
  } catch (error) {
    if (!(error instanceof MatrixRequestError) || error.retryable) throw error;
    const remedy =
      credentials.kind === 'password'
        ? 'check MATRIX_USER and MATRIX_PASSWORD'
        : 'check that the registration covers this user and that the homeserver lets appservices log in';
    throw new MatrixLoginError(
      `The homeserver refused the login of ${user} (${error.errcode ?? error.status}): ${remedy}`,
      { cause: error },
    );
  }
}
