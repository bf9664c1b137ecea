import { MatrixRequestError } from '#matrix/errors';
import type { MatrixRequest } from '#matrix/matrix-client';

/** Whether a user of the appservice is there. */
export type HasUser = (userId: string) => Promise<boolean>;

/**
 * Knows the bot, and those who speak for its agents once they have been made; all others are nobody's. Ghosts are made
 * when their agent first speaks, never because somebody asks for one.
 *
 * @throws {MatrixRequestError} where the homeserver cannot be asked.
 */
export function createHasUser(deps: {
  readonly userId: string;
  readonly isGhost: (userId: string) => boolean;
  readonly request: MatrixRequest;
}): HasUser {
  return async (userId) => {
    if (userId === deps.userId) return true;
    if (!deps.isGhost(userId)) return false;
    try {
      await deps.request('GET', `/_matrix/client/v3/profile/${encodeURIComponent(userId)}`);
      return true;
    } catch (error) {
      if (error instanceof MatrixRequestError && (error.status === 404 || error.status === 403)) return false;
      throw error;
    }
  };
}
