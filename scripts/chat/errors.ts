/** The homeserver refused a request of a person, or could not be asked. */
export class HomeserverError extends Error {
  override readonly name = 'HomeserverError';
  /** HTTP status; undefined where there was no answer. */
  readonly status: number | undefined;
  readonly errcode: string | undefined;
  readonly retryable: boolean;

  constructor(
    message: string,
    details: { status?: number; errcode?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.status = details.status;
    this.errcode = details.errcode;
    this.retryable = details.status === undefined || details.status === 429 || details.status >= 500;
  }
}
