import { AsyncLocalStorage } from 'node:async_hooks';
import { LogService, MatrixClient as SdkClient, setRequestFn } from 'matrix-bot-sdk';
import type { Logger } from 'pino';
import fetchRequest from 'request';
import { loadAppserviceRegistration } from './appservice-registration.ts';
import { createDeviceSession } from './device-session.ts';
import { MatrixLoginError, MatrixRequestError, MediaTooLargeError } from './errors.ts';
import type { SendAs } from './login.ts';
import type { MatrixClient, MatrixRequest } from './matrix-client.ts';
import type { MatrixSettings } from './matrix-settings.ts';
import { registerUser } from './register-user.ts';
import { type HttpAnswer, toRequestError } from './to-request-error.ts';
import type { TokenStore } from './token-store.ts';
import { whoami } from './whoami.ts';
import { withSenderSync } from './with-sender-sync.ts';

export interface ConnectMatrixDeps {
  /** Used by devices that log in. */
  readonly tokens: TokenStore;
  readonly log: Logger;
  /** Told of every token that a login gives or a file holds, so that logs can cover it. */
  readonly onToken?: (token: string) => void;
}

/** What the SDK does not carry through its call: the signal in, status and headers out. */
interface Exchange {
  readonly signal: AbortSignal | undefined;
  readonly maxBytes: number | undefined;
  answer?: HttpAnswer;
}

const defaultTimeoutMs = 30_000;
const exchanges = new AsyncLocalStorage<Exchange>();

/** As whom to connect. */
export interface Identity {
  /** The device to be, where a device logs in. */
  readonly deviceId: string;
  /** Log in as a device with an appservice too, which could do without; default no. */
  readonly isDevice?: boolean | undefined;
  /** Of an appservice: the local part of one of its users, made where it is not there; default its sender. */
  readonly localpart?: string | undefined;
}

/**
 * The bot's client, checked by one `whoami`: with an access token as it is, with a password as the device
 * `deviceId` (the stored token first, else a login), with an appservice registration as its sender or one of its
 * users, by the appservice's token or as a device.
 *
 * @throws {MatrixLoginError} when the homeserver does not take the account.
 * @throws {MatrixRequestError} when it could not be asked; `retryable` tells whether to come again.
 */
export async function connectMatrix(
  settings: MatrixSettings & Identity,
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
  settings: MatrixSettings & Identity,
  deps: ConnectMatrixDeps,
): Promise<MatrixRequest> {
  const { access } = settings;
  const sendAs = createSendAs(settings.homeserver);
  switch (access.kind) {
    case 'token':
      return (method, path, options) => sendAs(access.token, method, path, options);
    case 'password':
      return createDeviceSession(sendAs, { credentials: access, deviceId: settings.deviceId, ...deps });
    case 'appservice':
      return openAppservice(
        sendAs,
        access.registrationFile,
        { ...settings, localpart: settings.localpart ?? localpartOf(access.user) },
        deps,
      );
    default:
      return access satisfies never;
  }
}

async function openAppservice(
  sendAs: SendAs,
  registrationFile: string,
  { deviceId, isDevice = false, localpart }: Identity,
  deps: ConnectMatrixDeps,
): Promise<MatrixRequest> {
  const { asToken, hsToken, senderLocalpart } = await loadAppserviceRegistration(registrationFile);
  deps.onToken?.(asToken);
  deps.onToken?.(hsToken);
  const request: MatrixRequest = (method, path, options) => sendAs(asToken, method, path, options);
  const user = localpart ?? senderLocalpart;
  for (const one of new Set([senderLocalpart, user])) await registerUser(request, one);
  const asSender = (own: MatrixRequest): MatrixRequest =>
    user === senderLocalpart ? withSenderSync(`@${user}`, own) : own;
  if (isDevice) {
    const credentials = { kind: 'appservice', user, asToken } as const;
    return asSender(createDeviceSession(sendAs, { credentials, deviceId, ...deps }));
  }
  // The token alone stands for the sender (application service API, "Identity assertion").
  if (localpart === undefined) return asSender(request);
  const userId = `@${localpart}:${serverOf((await whoami(request)).userId)}`;
  return asSender((method, path, options) =>
    request(method, path, { ...options, query: { ...options?.query, user_id: userId } }),
  );
}

function localpartOf(user: string | undefined): string | undefined {
  return user?.replace(/^@/, '').split(':', 1)[0];
}

function serverOf(userId: string): string {
  return userId.slice(userId.indexOf(':') + 1);
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
    const { query, body, upload, download, signal, timeoutMs = defaultTimeoutMs } = options;
    signal?.throwIfAborted();
    const exchange: Exchange = { signal, maxBytes: download?.maxBytes };
    // The SDK sends as bytes what is a Buffer, and everything else as JSON.
    const sent = upload === undefined ? body : Buffer.from(upload.bytes);
    const send = [query, sent, timeoutMs, false, upload?.contentType, download !== undefined] as const;
    let cause: unknown;
    try {
      const sdk = token === '' ? new SdkClient(baseUrl, '') : sdkFor(token);
      await exchanges.run(exchange, () => sdk.doRequest(method, path, ...send));
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      cause = error;
    }
    // The answer itself decides: the SDK also rejects good answers that happen to have a member "errcode".
    const { answer } = exchange;
    if (answer !== undefined && isSuccess(answer)) return answer.body;
    if (download !== undefined && isTooLarge(cause))
      throw new MediaTooLargeError(download.maxBytes, { cause });
    throw toRequestError({ method, path, timeoutMs, answer, cause });
  };
}

function isSuccess({ statusCode, body }: HttpAnswer): boolean {
  return statusCode >= 200 && statusCode < 300 && typeof body === 'object' && body !== null;
}

function isTooLarge(cause: unknown): boolean {
  return cause instanceof Error && cause.name === fetchRequest.tooLarge;
}

/** Gives the SDK's one HTTP function our signal and eyes, and takes its log, which would name tokens in URLs. */
function adoptSdk(): void {
  const mute = (): void => undefined;
  LogService.setLogger({ info: mute, warn: mute, error: mute, debug: mute, trace: mute });
  setRequestFn((params: fetchRequest.Params, callback: fetchRequest.Callback) => {
    const exchange = exchanges.getStore();
    const { signal, maxBytes } = exchange ?? {};
    const more = {
      ...(signal === undefined ? {} : { signal }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
    };
    fetchRequest({ ...params, ...more }, (error, response, body) => {
      // The SDK replaces the text in `response.body` by what it parsed.
      if (exchange !== undefined && response !== undefined) exchange.answer = response;
      callback(error, response, body);
    });
  });
}
