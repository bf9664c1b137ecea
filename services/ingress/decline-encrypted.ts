import type { Logger } from 'pino';
import { MatrixRequestError } from '#matrix/errors';
import { leaveRoom } from '#matrix/leave-room';
import type { MatrixRequest } from '#matrix/matrix-client';
import type { IngressMetrics } from './ingress-metrics.ts';

const reason =
  'This room is encrypted, and this bot was given no keys to read it with. Invite it to a room without encryption, or ask those who run it for keys (CRYPTO_STORE_KEY).';

/** Leaves encrypted rooms, once for each time the bot gets into one; its reason stands in the room. */
export function createDeclineEncrypted(deps: {
  request: MatrixRequest;
  metrics: IngressMetrics;
  log: Logger;
}): (room: string) => Promise<void> {
  return async (room) => {
    deps.metrics.encrypted.inc();
    try {
      await leaveRoom(deps.request, room, reason);
      deps.metrics.declined.inc();
      deps.log.warn({ room }, 'Left a room that is encrypted');
    } catch (error) {
      // Further events of a room that was left already.
      if (!(error instanceof MatrixRequestError) || error.retryable || error.status === 401) throw error;
    }
  };
}
