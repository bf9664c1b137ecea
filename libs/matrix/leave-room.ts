import type { MatrixRequest } from './matrix-client.ts';

/** Leaves a room, or declines its invite; the reason stands in the membership event, for all to read. */
export async function leaveRoom(request: MatrixRequest, room: string, reason: string): Promise<void> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/leave`;
  await request('POST', path, { body: { reason } });
}
