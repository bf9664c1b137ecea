import type { EncryptedRooms } from '#crypto/encrypted-rooms';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';

export interface RoomEncryption {
  /** @throws {MatrixRequestError} where the homeserver does not tell. */
  isEncrypted(room: string, signal: AbortSignal): Promise<boolean>;
}

const remembered = 10_000;

/**
 * Asks for the room's `m.room.encryption` state. Encryption can be switched on at any time, and never off
 * (client-server API, `m.room.encryption`): so a "yes" is believed for ever, by whichever process it was seen and
 * whatever the homeserver says later, and a "no" for the one event that it was asked for. Nothing else is as fresh:
 * whoever hears of it by a sync hears of it later. Between the answer and the event lie milliseconds that nobody can
 * close, since a homeserver takes no conditions with an event.
 *
 * @param known what all processes of this bot have seen.
 */
export function createRoomEncryption(
  client: Pick<MatrixClient, 'request'>,
  known: EncryptedRooms,
): RoomEncryption {
  const encrypted = new Set<string>();
  const remember = (room: string): true => {
    if (encrypted.size >= remembered) encrypted.clear();
    encrypted.add(room);
    return true;
  };
  return {
    isEncrypted: async (room, signal) => {
      if (encrypted.has(room)) return true;
      const stateOf = hasEncryptionState(client, room, signal);
      // Where it is known already, nobody waits for the homeserver's word.
      stateOf.catch(() => undefined);
      if (await known.has(room)) return remember(room);
      if (!(await stateOf)) return false;
      await known.add(room);
      return remember(room);
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
