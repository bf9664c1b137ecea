import type { Logger } from 'pino';
import { MatrixRequestError } from '#matrix/errors';
import { ghostLeft } from '#matrix/ghost-left';
import { leaveRoom } from '#matrix/leave-room';
import type { MatrixRequest } from '#matrix/matrix-client';
import { roomMembers } from '#matrix/room-members';

export interface DismissGhostsDeps {
  /** With the token of the appservice, which may act as each of its users. */
  readonly request: MatrixRequest;
  readonly isGhost: (userId: string) => boolean;
  readonly log: Logger;
}

export type DismissGhosts = (room: string) => Promise<void>;

/**
 * Has those who speak for agents leave a room that the bot is not in any more: nobody would answer there. May be called
 * again.
 *
 * @throws {MatrixRequestError} where the homeserver gives no answer.
 */
export function createDismissGhosts({ request, isGhost, log }: DismissGhostsDeps): DismissGhosts {
  return async (room) => {
    try {
      // Whoever has left a room may see who was in it (client-server API, `GET /rooms/{roomId}/members`).
      const members = await roomMembers(request, room);
      const ghosts = [...members].filter(([user, { membership }]) => isGhost(user) && membership === 'join');
      for (const [user] of ghosts) {
        const asGhost: MatrixRequest = (method, path, options) =>
          request(method, path, { ...options, query: { ...options?.query, user_id: user } });
        await leaveRoom(asGhost, room, ghostLeft);
        log.info({ room, ghost: user }, 'A ghost left a room that the bot is not in any more');
      }
    } catch (error) {
      if (!(error instanceof MatrixRequestError) || error.retryable || error.status === 401) throw error;
      log.warn({ err: error, room }, 'Ghosts could not leave a room that the bot is not in any more');
    }
  };
}
