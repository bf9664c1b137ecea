import type { MatrixRequest } from './matrix-client.ts';

/** Joining over federation can take the homeserver a minute. */
const timeoutMs = 90_000;

/** Joins a room that we were invited to; where we are in it already, nothing changes. */
export async function joinRoom(request: MatrixRequest, room: string, signal?: AbortSignal): Promise<void> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/join`;
  await request('POST', path, { body: {}, timeoutMs, ...(signal === undefined ? {} : { signal }) });
}
