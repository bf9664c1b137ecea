import type { MatrixRequest } from './matrix-client.ts';

/** Joining over federation can take the homeserver a minute. */
const timeoutMs = 90_000;

/**
 * Joins a room that we were invited to, or that lets us in; where we are in it already, nothing changes. `via` names
 * servers that are in it, for a room that ours may not know yet.
 */
export async function joinRoom(
  request: MatrixRequest,
  room: string,
  signal?: AbortSignal,
  via: readonly string[] = [],
): Promise<void> {
  const path =
    via.length === 0
      ? `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/join`
      : `/_matrix/client/v3/join/${encodeURIComponent(room)}`;
  // `server_name` is the name of `via` before version 1.12 of the specification.
  const query = { via, server_name: via };
  await request('POST', path, { query, body: {}, timeoutMs, ...(signal === undefined ? {} : { signal }) });
}
