import { MatrixRequestError } from './errors.ts';
import type { MatrixRequest } from './matrix-client.ts';
import { type RoomEvent, readRoomEvent } from './room-event.ts';

/** The event as the homeserver has it now; undefined where it has none, or does not show it to us. */
export async function readEvent(
  request: MatrixRequest,
  room: string,
  eventId: string,
): Promise<RoomEvent | undefined> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(eventId)}`;
  try {
    return readRoomEvent(await request('GET', path), room);
  } catch (error) {
    if (error instanceof MatrixRequestError && (error.status === 404 || error.status === 403))
      return undefined;
    throw error;
  }
}
