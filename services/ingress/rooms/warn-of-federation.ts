import type { Logger } from 'pino';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { roomState } from '#matrix/room-state';
import type { RoomPolicy } from '../admission/room-policy.ts';

/**
 * Says at the start who could decide in a reviewer's name: every homeserver can make events of its own users, so a reviewer
 * of another server is whoever runs that server. Resolves to what it has said; never rejects.
 */
export async function warnOfFederation(
  deps: { readonly client: MatrixClient; readonly policy: RoomPolicy; readonly log: Logger },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { client, policy, log } = deps;
  const said: string[] = [];
  const warn = (details: object, text: string): void => {
    said.push(text);
    log.warn(details, text);
  };
  const server = serverOf(client.userId);
  const foreign = policy.reviewers.filter((reviewer) => serverOf(reviewer) !== server);
  if (foreign.length > 0) {
    warn(
      { reviewers: foreign },
      'Reviewers of another server: whoever runs that server can decide in their name',
    );
  }
  try {
    const create = await roomState(client.request, policy.adminRoom, 'm.room.create');
    if (create !== undefined && create['m.federate'] !== false) {
      warn(
        { room: policy.adminRoom },
        'The admin room is open to other servers: create it with "m.federate": false where all reviewers are of one',
      );
    }
  } catch (error) {
    if (signal.aborted) return said;
    const isUnseen = error instanceof MatrixRequestError && error.status === 403;
    if (isUnseen)
      warn({ room: policy.adminRoom }, 'The bot is not in the admin room: nobody can be asked there');
    else log.debug({ err: error }, 'What the admin room lets in is not known');
  }
  return said;
}

function serverOf(user: string): string {
  return user.slice(user.indexOf(':') + 1);
}
