import type { CryptoSlot } from '#crypto/crypto-device';
import { NoDeviceError } from '#crypto/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import { roomState } from '#matrix/room-state';
import type { RoomViews } from '../rooms/room-views.ts';

/** Sends a message under a transaction id. */
export type Post = (room: string, content: object, txn: string) => Promise<void>;

export interface PostDeps {
  readonly request: MatrixRequest;
  readonly views: Pick<RoomViews, 'view' | 'noteEncryption'>;
  readonly slot: Pick<CryptoSlot, 'current'> | undefined;
}

const patienceMs = 15_000;

/** Sends into rooms as they are: nothing goes into an encrypted one in clear text, whatever fails. */
export function createPost({ request, views, slot }: PostDeps): Post {
  async function isEncrypted(room: string): Promise<boolean> {
    if ((await views.view(room)).isEncrypted) return true;
    // What is held of a room may be older than its encryption.
    if ((await roomState(request, room, 'm.room.encryption')) === undefined) return false;
    await views.noteEncryption(room);
    return true;
  }

  const send = async (room: string, type: string, body: object, txn: string): Promise<void> => {
    await request('PUT', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/${type}/${txn}`, {
      body,
    });
  };

  return async (room, content, txn) => {
    const type = 'm.room.message';
    if (!(await isEncrypted(room))) return send(room, type, content, txn);
    const device = slot?.current();
    if (device === undefined) throw new NoDeviceError('nothing can be said in an encrypted room');
    const signal = AbortSignal.timeout(patienceMs);
    return send(room, 'm.room.encrypted', await device.encrypt(room, type, content, signal), txn);
  };
}
