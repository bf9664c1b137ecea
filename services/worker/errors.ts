import type { ModelError } from '#models/errors';

/**
 * The model gave nothing usable, after its own retries. Unlike the model's error it does not ask for a time to wait:
 * each try counts as an attempt, so that somebody who asked waits for minutes at most, and is then told.
 */
export class ModelFailedError extends Error {
  override readonly name = 'ModelFailedError';
  readonly retryable: boolean;

  constructor(cause: ModelError) {
    super(cause.message, { cause });
    this.retryable = cause.retryable;
  }
}
