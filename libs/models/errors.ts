export type ModelErrorKind =
  /** Too many requests or tokens; `retryAfterMs` where the server says how long. */
  | 'rate_limited'
  /** Not reachable, or an error on its side. */
  | 'unavailable'
  | 'timeout'
  /** An answer that is not what was asked for, or not readable at all. */
  | 'garbage'
  /** The answer broke off. */
  | 'cut'
  /** The server will not do this, however often it is asked. */
  | 'refused'
  /** The key is missing, wrong, or may not use this model. */
  | 'auth';

const retryableKinds: ReadonlySet<ModelErrorKind> = new Set([
  'rate_limited',
  'unavailable',
  'timeout',
  'garbage',
  'cut',
]);

/** A call of the model failed. Neither the message nor the cause (the server's words, cut short) holds the key. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly kind: ModelErrorKind;
  readonly retryable: boolean;
  /** Set only where the server said how long to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: ModelErrorKind, message: string, options: { retryAfterMs?: number; cause?: Error } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
    this.retryable = retryableKinds.has(kind);
    this.retryAfterMs = options.retryAfterMs;
  }
}
