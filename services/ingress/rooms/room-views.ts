import type { EncryptedRooms } from '#crypto/encrypted-rooms';
import type { MatrixRequest } from '#matrix/matrix-client';
import type { DecodedEvent } from '#matrix/room-event';
import { type Member, roomMembers } from '#matrix/room-members';
import { roomState } from '#matrix/room-state';

export interface RoomView {
  /** Joined and invited users. */
  readonly members: ReadonlyMap<string, Member>;
  readonly isEncrypted: boolean;
}

export interface RoomViews {
  view(room: string): Promise<RoomView>;
  /** Keeps a view that is held in step with a membership event. */
  apply(event: Extract<DecodedEvent, { kind: 'member' }>): void;
  /** The room's encryption was switched on. */
  noteEncryption(room: string): Promise<void>;
  forget(room: string): void;
}

interface Held {
  readonly until: number;
  readonly view: Promise<RoomView & { readonly members: Map<string, Member> }>;
}

/**
 * What ingress needs to know of rooms, asked of the homeserver once and kept in step with the events that pass.
 * Views are asked for anew after `keepMs`, the longest unused make way beyond `maxRooms`.
 */
export function createRoomViews(deps: {
  request: MatrixRequest;
  /** Asked before the homeserver is; none where encrypted rooms are declined. */
  encryptedRooms?: EncryptedRooms | undefined;
  maxRooms?: number;
  keepMs?: number;
  now?: () => number;
}): RoomViews {
  const {
    request,
    encryptedRooms,
    maxRooms = 2_000,
    keepMs = 15 * 60_000,
    now = () => performance.now(),
  } = deps;
  const held = new Map<string, Held>();

  function hold(room: string): Held {
    const view = readView(request, room, encryptedRooms);
    const entry = { until: now() + keepMs, view };
    view.catch(() => {
      if (held.get(room) === entry) held.delete(room);
    });
    return entry;
  }

  return {
    view(room) {
      const known = held.get(room);
      const entry = known !== undefined && known.until > now() ? known : hold(room);
      // Maps keep the order of insertion: the first one is the longest unused.
      held.delete(room);
      held.set(room, entry);
      const [oldest] = held.keys();
      if (held.size > maxRooms && oldest !== undefined) held.delete(oldest);
      return entry.view;
    },
    apply({ room, user, membership, displayName }) {
      const change = ({ members }: { members: Map<string, Member> }): void => {
        if (membership === 'join' || membership === 'invite') members.set(user, { membership, displayName });
        else members.delete(user);
      };
      // Who waits for a view that failed is told so; here there is nothing to change then.
      held.get(room)?.view.then(change, () => undefined);
    },
    async noteEncryption(room) {
      held.delete(room);
      await encryptedRooms?.add(room);
    },
    forget(room) {
      held.delete(room);
    },
  };
}

async function readView(
  request: MatrixRequest,
  room: string,
  encryptedRooms: EncryptedRooms | undefined,
): Promise<{ members: Map<string, Member>; isEncrypted: boolean }> {
  const [members, encryption] = await Promise.all([
    roomMembers(request, room),
    roomState(request, room, 'm.room.encryption'),
  ]);
  for (const [user, { membership }] of members) {
    if (membership !== 'join' && membership !== 'invite') members.delete(user);
  }
  if (encryption === undefined) return { members, isEncrypted: (await encryptedRooms?.has(room)) ?? false };
  await encryptedRooms?.add(room);
  return { members, isEncrypted: true };
}
