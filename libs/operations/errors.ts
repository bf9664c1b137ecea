/** What an operator asked for cannot be done; the message says why and what would help. */
abstract class OperationsError extends Error {
  readonly retryable = false;
}

/** What was asked about is not there (any more). */
export class NotFoundError extends OperationsError {
  override readonly name = 'NotFoundError';
}

/** What was asked for is not how such a thing is named or written. */
export class BadRequestError extends OperationsError {
  override readonly name = 'BadRequestError';
}

/** It is there, and in a state in which this cannot be done. */
export class ConflictError extends OperationsError {
  override readonly name = 'ConflictError';
}

/** Whoever asked may not do this. */
export class ForbiddenError extends OperationsError {
  override readonly name = 'ForbiddenError';
}
