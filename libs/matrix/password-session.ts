import type { Logger } from 'pino';
import { z } from 'zod';
import { MatrixAnswerError, MatrixLoginError, MatrixRequestError } from './errors.ts';
import type { MatrixRequest, Method, RequestOptions } from './matrix-client.ts';
import type { TokenStore } from './token-store.ts';

/** A request with the given token; with an empty one it is made without. */
export type SendAs = (
  token: string,
  method: Method,
  path: string,
  options?: RequestOptions,
) => Promise<unknown>;

export interface PasswordSessionOptions {
  readonly user: string;
  readonly password: string;
  readonly deviceId: string;
  readonly tokens: TokenStore;
  readonly log: Logger;
  /** Told of every token, so that logs can cover it. */
  readonly onToken?: ((token: string) => void) | undefined;
}

const loginAnswer = z.object({ access_token: z.string().min(1) });

/**
 * Requests as a device that logs in by password: with the stored token as long as the homeserver takes it, then
 * with a newer stored one (another process has logged in), and only then by a login with the same device id.
 */
export function createPasswordSession(sendAs: SendAs, options: PasswordSessionOptions): MatrixRequest {
  let current: Promise<string> | undefined;

  function tokenAfter(failed: string | undefined): Promise<string> {
    return options.tokens.exclusively(async () => {
      const stored = await options.tokens.load();
      if (stored !== undefined && stored !== failed) return stored;
      const token = await logIn(sendAs, options);
      await options.tokens.save(token);
      return token;
    });
  }

  /** One renewal for all requests that met the same failure. */
  function renew(failed: Promise<string> | undefined, token: string | undefined): Promise<string> {
    if (current !== undefined && current !== failed) return current;
    const next = tokenAfter(token).then((fresh) => {
      options.onToken?.(fresh);
      return fresh;
    });
    current = next;
    next.catch(() => {
      if (current === next) current = undefined;
    });
    return next;
  }

  return async (method, path, requestOptions) => {
    const used = current ?? renew(undefined, undefined);
    const token = await used;
    try {
      return await sendAs(token, method, path, requestOptions);
    } catch (error) {
      if (!isUnknownToken(error)) throw error;
      options.log.warn({ device: options.deviceId }, 'The homeserver no longer takes the access token');
      return sendAs(await renew(used, token), method, path, requestOptions);
    }
  };
}

function isUnknownToken(error: unknown): boolean {
  return error instanceof MatrixRequestError && error.errcode === 'M_UNKNOWN_TOKEN';
}

async function logIn(sendAs: SendAs, options: PasswordSessionOptions): Promise<string> {
  const path = '/_matrix/client/v3/login';
  const body = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: options.user },
    password: options.password,
    device_id: options.deviceId,
    initial_device_display_name: 'vagent',
  };
  try {
    const answer = loginAnswer.safeParse(await sendAs('', 'POST', path, { body }));
    if (!answer.success) throw new MatrixAnswerError(path, 'no access_token');
    options.log.info({ user: options.user, device: options.deviceId }, 'Logged in');
    return answer.data.access_token;
  } catch (error) {
    if (!(error instanceof MatrixRequestError) || error.retryable) throw error;
    throw new MatrixLoginError(
      `The homeserver refused the login of ${options.user} (${error.errcode ?? error.status}): check MATRIX_USER and MATRIX_PASSWORD`,
      { cause: error },
    );
  }
}
