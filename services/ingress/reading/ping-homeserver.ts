import type { MatrixRequest } from '#matrix/matrix-client';

/**
 * Asks the homeserver to ping us. It then forgets that we were away and sends what has piled up at once; left
 * alone, it would come back after up to 512 seconds.
 */
export async function pingHomeserver(
  request: MatrixRequest,
  appserviceId: string,
  signal: AbortSignal,
): Promise<void> {
  const path = `/_matrix/client/v1/appservice/${encodeURIComponent(appserviceId)}/ping`;
  await request('POST', path, { body: {}, signal });
}
