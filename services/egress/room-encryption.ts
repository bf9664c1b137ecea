import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';

export interface RoomEncryption {
  /** @throws {MatrixRequestError} where the homeserver does not tell. */
  isEncrypted(room: string, signal: AbortSignal): Promise<boolean>;
}

/** Encryption can be switched on at any time, and never off (client-server API, `m.room.encryption`). */
const plainForMs = 5_000;
const remembered = 10_000;

/** Asks for the room's `m.room.encryption` state; a "no" is believed for a few seconds, a "yes" for ever. */
export function createRoomEncryption(
  client: Pick<MatrixClient, 'request'>,
  now: () => number = () => performance.now(),
): RoomEncryption {
  const encrypted = new Set<string>();
  const plainUntil = new Map<string, number>();
  return {
    isEncrypted: async (room, signal) => {
      if (encrypted.has(room)) return true;
      if ((plainUntil.get(room) ?? Number.NEGATIVE_INFINITY) > now()) return false;
      const isEncrypted = await hasEncryptionState(client, room, signal);
      if (encrypted.size >= remembered) encrypted.clear();
      if (plainUntil.size >= remembered) plainUntil.clear();
      if (isEncrypted) encrypted.add(room);
      else plainUntil.set(room, now() + plainForMs);
      return isEncrypted;
    },
  };
}

async function hasEncryptionState(
  client: Pick<MatrixClient, 'request'>,
  room: string,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.encryption/`;
  try {
    await client.request('GET', path, { signal });
    return true;
  } catch (error) {
    if (error instanceof MatrixRequestError && error.status === 404 && error.errcode === 'M_NOT_FOUND') {
      return false;
    }
    throw error;
  }
}
