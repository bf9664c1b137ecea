import type { MatrixRequest } from '#matrix/matrix-client';
import { roomMembers } from '#matrix/room-members';
import { type RoomSettings, readRoomSettings } from './room-settings.ts';

/** For whom and how a room is encrypted. */
export interface Roster {
  readonly users: readonly string[];
  readonly settings: RoomSettings;
}

export interface RoomRoster {
  /** As the homeserver tells it; see {@link createRoomRoster} for how old it may be. `askedAt` by `performance.now()`. */
  read(room: string, askedAt: number): Promise<Roster>;
  forget(room: string): void;
}

interface Known {
  readonly members: { readonly at: number; readonly byId: ReadonlyMap<string, string> };
  readonly settings: { readonly at: number; readonly value: RoomSettings };
}

/** Up to so many members the list is asked for with every event: it is small, and nobody misses a key. */
const smallRoom = 100;
/** In larger rooms it may be so old: somebody who left meanwhile was in the room when the event was on its way. */
const membersMs = 2_000;
/** Settings decide when keys change, not who gets them. */
const settingsMs = 60_000;
const mostRooms = 1_000;

/**
 * Who is to read what is sent to a room. A key goes to those who are there now: whoever has left must not get the next
 * one, and whoever has just come wants to read the answer. So the members are those of the time when the caller
 * asked, or in large rooms of two seconds before at most; senders that wait for each other share one answer.
 */
export function createRoomRoster(
  request: MatrixRequest,
  now: () => number = () => performance.now(),
): RoomRoster {
  const rooms = new Map<string, Known>();

  async function readMembers(room: string, askedAt: number): Promise<Known['members']> {
    const known = rooms.get(room)?.members;
    if (known !== undefined) {
      const oldest = known.byId.size > smallRoom ? askedAt - membersMs : askedAt;
      if (known.at >= oldest) return known;
    }
    const at = now();
    const members = await roomMembers(request, room);
    return { at, byId: new Map([...members].map(([user, { membership }]) => [user, membership])) };
  }

  async function readSettings(room: string, askedAt: number): Promise<Known['settings']> {
    const known = rooms.get(room)?.settings;
    if (known !== undefined && known.at > askedAt - settingsMs) return known;
    return { at: now(), value: await readRoomSettings(request, room) };
  }

  return {
    async read(room, askedAt) {
      const [members, settings] = await Promise.all([
        readMembers(room, askedAt),
        readSettings(room, askedAt),
      ]);
      rooms.delete(room);
      rooms.set(room, { members, settings });
      for (const [oldest] of rooms) {
        if (rooms.size <= mostRooms) break;
        rooms.delete(oldest);
      }
      return { users: readers(members.byId, settings.value), settings: settings.value };
    },
    forget: (room) => {
      rooms.delete(room);
    },
  };
}

/** Who is invited may read what is said from now on, unless the room shows its history to members alone. */
function readers(members: ReadonlyMap<string, string>, { visibility }: RoomSettings): string[] {
  const isReader = (membership: string): boolean =>
    membership === 'join' || (membership === 'invite' && visibility !== 'joined');
  return [...members].flatMap(([user, membership]) => (isReader(membership) ? [user] : []));
}
