/** What the homeserver wants to see before it does something serious ("User-interactive authentication API"). */
export interface AuthChallenge {
  readonly session: string | null;
  /** The ways to satisfy it, each a list of stages such as `m.login.password`. */
  readonly flows: readonly (readonly string[])[];
}

interface RequestFailure {
  readonly method: string;
  readonly path: string;
  /** Null where no answer came. */
  readonly status: number | null;
  readonly errcode: string | null;
  readonly retryAfterMs: number | null;
  readonly reason: string;
  readonly challenge?: AuthChallenge | undefined;
}

/** A request to the homeserver did not give a usable answer. The message holds no query, body or token. */
export class MatrixRequestError extends Error {
  override readonly name = 'MatrixRequestError';
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  /** Matrix' own error code, e.g. `M_FORBIDDEN`. */
  readonly errcode: string | null;
  /** How long the homeserver asks to wait, at most 5 minutes; null where it does not say. */
  readonly retryAfterMs: number | null;
  /** Undefined unless the same request has to be made again with a proof of who asks. */
  readonly challenge: AuthChallenge | undefined;
  /** True where the same request may succeed later: no answer, 408, 429, 5xx, or an answer that is not Matrix. */
  readonly retryable: boolean;

  constructor(failure: RequestFailure & { readonly retryable: boolean }, options?: ErrorOptions) {
    super(`${failure.method} ${failure.path} ${failure.reason}`, options);
    this.method = failure.method;
    this.path = failure.path;
    this.status = failure.status;
    this.errcode = failure.errcode;
    this.retryAfterMs = failure.retryAfterMs;
    this.challenge = failure.challenge;
    this.retryable = failure.retryable;
  }
}

/** A download has more bytes than asked for; the rest of it was not read. */
export class MediaTooLargeError extends Error {
  override readonly name = 'MediaTooLargeError';
  readonly retryable = false;
  readonly maxBytes: number;

  constructor(maxBytes: number, options?: ErrorOptions) {
    super(`The file has more than ${maxBytes} bytes`, options);
    this.maxBytes = maxBytes;
  }
}

/** The homeserver does not take the configured account. */
export class MatrixLoginError extends Error {
  override readonly name = 'MatrixLoginError';
  readonly retryable = false;
}

/** The homeserver lets the sender of an appservice read no /sync, which a device with keys needs: Synapse lets none. */
export class SenderSyncError extends Error {
  override readonly name = 'SenderSyncError';
  readonly retryable = false;

  constructor(user: string, options: { readonly cause: MatrixRequestError }) {
    const { status, errcode } = options.cause;
    super(
      `The homeserver refuses /sync to ${user} (${[status, errcode].filter((one) => one !== null).join(' ')}), which is the sender of the appservice; Synapse always does, and encrypted rooms need it. Let the bot be another user of the namespace: vagent appservice registration --bot NAME makes a registration for it, and MATRIX_USER of ingress, egress and the command line names it`,
      options,
    );
  }
}

/** A 2xx answer of the homeserver does not have the shape that the specification gives it. */
export class MatrixAnswerError extends Error {
  override readonly name = 'MatrixAnswerError';
  readonly retryable = true;
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`The homeserver's answer to ${path} is not as specified: ${problem}`);
    this.path = path;
  }
}

/** The registration file of the appservice cannot be used. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
  readonly retryable = false;
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(
      `Appservice registration ${file}: ${problem}. Mend the file, or let MATRIX_APPSERVICE_REGISTRATION name another one; the homeserver must have loaded the same`,
      options,
    );
    this.file = file;
  }
}
