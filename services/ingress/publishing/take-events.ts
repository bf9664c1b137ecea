import type { RoomEvent } from '#matrix/room-event';
import type { Admit } from '../admission/admit.ts';
import type { CarryOut } from './carry-out.ts';

export type TakeEvents = (events: readonly RoomEvent[], signal: AbortSignal) => Promise<void>;

/** How many rooms are worked on at once. */
const maxRooms = 8;

/**
 * Decides about events and carries it out: in order within a room, rooms beside each other. Resolves once all of
 * it is stored; rejects if any could not be, and may then be called again with the same events.
 */
export function createTakeEvents(admit: Admit, carryOut: CarryOut): TakeEvents {
  return async (events, signal) => {
    const rooms = [...Map.groupBy(events, ({ room }) => room).values()];
    const work = async (): Promise<void> => {
      for (let room = rooms.shift(); room !== undefined; room = rooms.shift()) {
        for (const event of room) {
          signal.throwIfAborted();
          await carryOut(event, await admit(event));
        }
      }
    };
    const workers = Array.from({ length: Math.min(maxRooms, rooms.length) }, work);
    // All must have ended before a new try may begin, or a room could be worked on twice at once.
    const ends = await Promise.allSettled(workers);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
}
