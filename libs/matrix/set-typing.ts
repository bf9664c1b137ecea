import type { MatrixClient } from './matrix-client.ts';

/** Shows the bot as typing for `forMs`, or, with 0, no longer. */
export async function setTyping(client: MatrixClient, room: string, forMs: number): Promise<void> {
  const place = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`;
  const body = forMs > 0 ? { typing: true, timeout: forMs } : { typing: false };
  await client.request('PUT', `${place}/typing/${encodeURIComponent(client.userId)}`, { body });
}
