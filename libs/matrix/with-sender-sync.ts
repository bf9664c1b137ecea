import { MatrixRequestError, SenderSyncError } from './errors.ts';
import type { MatrixRequest } from './matrix-client.ts';

const syncPath = '/_matrix/client/v3/sync';

/**
 * Requests as the sender of an appservice, with a clear word where the homeserver lets it read no /sync: Synapse answers
 * as if it had failed (500 M_UNKNOWN), others that they do not know the request.
 */
export function withSenderSync(user: string, request: MatrixRequest): MatrixRequest {
  return async (method, path, options) => {
    try {
      return await request(method, path, options);
    } catch (error) {
      if (path === syncPath && isRefusal(error)) throw new SenderSyncError(user, { cause: error });
      throw error;
    }
  };
}

/** A proxy that does not reach the homeserver has other statuses, or no Matrix code. */
function isRefusal(error: unknown): error is MatrixRequestError {
  if (!(error instanceof MatrixRequestError)) return false;
  const { status, errcode } = error;
  return errcode === 'M_UNRECOGNIZED' || (errcode === 'M_UNKNOWN' && (status === 500 || status === 501));
}
