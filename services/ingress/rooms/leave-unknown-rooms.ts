import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { MatrixRequestError } from '#matrix/errors';
import { leaveRoom } from '#matrix/leave-room';
import type { MatrixRequest } from '#matrix/matrix-client';
import { parseAnswer } from '#matrix/parse-answer';
import type { RoomMoves } from '#operations/rooms/room-moves';
import { isLineAllowed, type RoomPolicy } from '../admission/room-policy.ts';

const path = '/_matrix/client/v3/joined_rooms';
const answer = z.object({ joined_rooms: z.array(z.string()) });
const reason = 'This bot is not set up for this room (ALLOWED_ROOMS), and leaves it.';

/** Leaves the rooms that the bot is in and that the settings do not name, one after the other; never rejects. */
export async function leaveUnknownRooms(
  deps: {
    readonly request: MatrixRequest;
    readonly policy: RoomPolicy;
    readonly moves: Pick<RoomMoves, 'lineOf'>;
    readonly log: Logger;
    readonly spacingMs?: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { request, policy, moves, log, spacingMs = 250 } = deps;
  try {
    for (const room of parseAnswer(answer, path, await request('GET', path, { signal })).joined_rooms) {
      if (isLineAllowed(await moves.lineOf(room), policy)) continue;
      await leaveOne(deps, room);
      await sleep(spacingMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'Rooms that are not allowed are left at the next start');
  }
}

async function leaveOne(
  { request, log }: { readonly request: MatrixRequest; readonly log: Logger },
  room: string,
): Promise<void> {
  try {
    await leaveRoom(request, room, reason);
    log.warn({ room }, 'Left a room that is not allowed');
  } catch (error) {
    if (!(error instanceof MatrixRequestError) || error.retryable || error.status === 401) throw error;
    log.warn({ err: error, room }, 'Could not leave a room that is not allowed');
  }
}
