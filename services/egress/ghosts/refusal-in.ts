import { MatrixLoginError, MatrixRequestError } from '#matrix/errors';

/**
 * Why the homeserver will not do it as things are; undefined where it may in a moment, or where the appservice's own token
 * is refused, which is no matter of a ghost.
 */
export function refusalIn(error: unknown): string | undefined {
  if (error instanceof MatrixLoginError) return error.message;
  if (!(error instanceof MatrixRequestError) || error.retryable || error.status === 401) return undefined;
  return error.message;
}
