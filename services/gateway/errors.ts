/** Nobody proved who asks. The message never says which part of a proof was wrong. */
export class UnauthorisedError extends Error {
  override readonly name = 'UnauthorisedError';
  readonly retryable = false;

  constructor(message = 'Sign in, or send a valid token in the header Authorization: Bearer') {
    super(message);
  }
}

/** More was asked for than one caller, or one address, may ask for in a minute. */
export class TooManyRequestsError extends Error {
  override readonly name = 'TooManyRequestsError';
  readonly retryable = true;

  constructor(waitSeconds: number) {
    super(`Too many requests: try again in ${waitSeconds} s`);
  }
}

/** Something that the gateway needs does not answer. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly retryable = true;
}
