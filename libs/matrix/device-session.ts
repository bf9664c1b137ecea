import type { Logger } from 'pino';
import { MatrixRequestError } from './errors.ts';
import { type Credentials, logIn, type SendAs } from './login.ts';
import type { MatrixRequest } from './matrix-client.ts';
import type { TokenStore } from './token-store.ts';

export interface DeviceSessionOptions {
  readonly credentials: Credentials;
  readonly deviceId: string;
  readonly tokens: TokenStore;
  readonly log: Logger;
  /** Told of every token, so that logs can cover it. */
  readonly onToken?: ((token: string) => void) | undefined;
}

/**
 * Requests as a device that logs in by itself: with the stored token as long as the homeserver takes it, then
 * with a newer stored one (another process has logged in), and only then by a login with the same device id.
 */
export function createDeviceSession(sendAs: SendAs, options: DeviceSessionOptions): MatrixRequest {
  let current: Promise<string> | undefined;

  function tokenAfter(failed: string | undefined): Promise<string> {
    return options.tokens.exclusively(async () => {
      const stored = await options.tokens.load();
      if (stored !== undefined && stored !== failed) return stored;
      const token = await logIn(sendAs, options.credentials, options);
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
