import { AsyncLocalStorage } from 'node:async_hooks';
import { LogService, MatrixClient as SdkClient, setRequestFn } from 'matrix-bot-sdk';
import type { Logger } from 'pino';
import fetchRequest from 'request';
import { loadAppserviceRegistration } from './appservice-registration.ts';
import { MatrixLoginError, MatrixRequestError } from './errors.ts';
import type { MatrixClient, MatrixRequest } from './matrix-client.ts';
import type { MatrixSettings } from './matrix-settings.ts';
import { createPasswordSession, type SendAs } from './password-session.ts';
import { registerSender } from './register-sender.ts';
import { type HttpAnswer, toRequestError } from './to-request-error.ts';
import type { TokenStore } from './token-store.ts';
import { whoami } from './whoami.ts';

export interface ConnectMatrixDeps {
  /** Used with a password alone. */
  readonly tokens: TokenStore;
  readonly log: Logger;
  /** Told of every token that a login gives or a file holds, so that logs can cover it. */
  readonly onToken?: (token: string) => void;
}

/** What the SDK does not carry through its call: the signal in, status and headers out. */
interface Exchange {
  readonly signal: AbortSignal | undefined;
  answer?: HttpAnswer;
}

const defaultTimeoutMs = 30_000;
const exchanges = new AsyncLocalStorage<Exchange>();

/**
 * The bot's client, checked by one `whoami`: with an access token as it is, with a password as the device
 * `deviceId` (the stored token first, else a login), with an appservice registration as its sender.
 *
 * @throws {MatrixLoginError} when the homeserver does not take the account.
 * @throws {MatrixRequestError} when it could not be asked; `retryable` tells whether to come again.
 */
export async function connectMatrix(
  settings: MatrixSettings & { readonly deviceId: string },
  deps: ConnectMatrixDeps,
): Promise<MatrixClient> {
  const request = await openRequest(settings, deps);
  try {
    const { userId, deviceId } = await whoami(request);
    return { userId, deviceId, request };
  } catch (error) {
    if (!(error instanceof MatrixRequestError) || error.status !== 401) throw error;
    throw new MatrixLoginError(`The homeserver does not take the access token (${error.errcode}): renew it`, {
      cause: error,
    });
  }
}

async function openRequest(
  settings: MatrixSettings & { readonly deviceId: string },
  deps: ConnectMatrixDeps,
): Promise<MatrixRequest> {
  const { access } = settings;
  const sendAs = createSendAs(settings.homeserver);
  switch (access.kind) {
    case 'token':
      return (method, path, options) => sendAs(access.token, method, path, options);
    case 'password':
      return createPasswordSession(sendAs, { ...access, deviceId: settings.deviceId, ...deps });
    case 'appservice': {
      const registration = await loadAppserviceRegistration(access.registrationFile);
      deps.onToken?.(registration.asToken);
      deps.onToken?.(registration.hsToken);
      const request: MatrixRequest = (method, path, options) =>
        sendAs(registration.asToken, method, path, options);
      await registerSender(request, registration.senderLocalpart);
      return request;
    }
    default:
      return access satisfies never;
  }
}

function createSendAs(homeserver: string): SendAs {
  adoptSdk();
  const baseUrl = homeserver.replace(/\/+$/, '');
  let last: { token: string; sdk: SdkClient } | undefined;
  const sdkFor = (token: string): SdkClient => {
    if (last?.token !== token) last = { token, sdk: new SdkClient(baseUrl, token) };
    return last.sdk;
  };

  return async (token, method, path, options = {}) => {
    const { query, body, signal, timeoutMs = defaultTimeoutMs } = options;
    signal?.throwIfAborted();
    const exchange: Exchange = { signal };
    let cause: unknown;
    try {
      const sdk = token === '' ? new SdkClient(baseUrl, '') : sdkFor(token);
      await exchanges.run(exchange, () => sdk.doRequest(method, path, query, body, timeoutMs));
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      cause = error;
    }
    // The answer itself decides: the SDK also rejects good answers that happen to have a member "errcode".
    const { answer } = exchange;
    if (answer !== undefined && isSuccess(answer)) return answer.body;
    throw toRequestError({ method, path, timeoutMs, answer, cause });
  };
}

function isSuccess({ statusCode, body }: HttpAnswer): boolean {
  return statusCode >= 200 && statusCode < 300 && typeof body === 'object' && body !== null;
}

/** Gives the SDK's one HTTP function our signal and eyes, and takes its log, which would name tokens in URLs. */
function adoptSdk(): void {
  const mute = (): void => undefined;
  LogService.setLogger({ info: mute, warn: mute, error: mute, debug: mute, trace: mute });
  setRequestFn((params: fetchRequest.Params, callback: fetchRequest.Callback) => {
    const exchange = exchanges.getStore();
    const signal = exchange?.signal;
    fetchRequest(signal === undefined ? params : { ...params, signal }, (error, response, body) => {
      // The SDK replaces the text in `response.body` by what it parsed.
      if (exchange !== undefined && response !== undefined) exchange.answer = response;
      callback(error, response, body);
    });
  });
}
