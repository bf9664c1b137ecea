import type { MatrixRequest } from '#matrix/matrix-client';
import { readEvent } from '#matrix/read-event';
import type { RoomEvent } from '#matrix/room-event';

export type FetchEvent = (room: string, eventId: string) => Promise<RoomEvent | undefined>;

/** Reads events that others answer, and keeps the last `size` of them: sender and content never change. */
export function createEventMemory(request: MatrixRequest, size = 2_000): FetchEvent {
  const kept = new Map<string, Promise<RoomEvent | undefined>>();
  return async (room, eventId) => {
    const key = `${room} ${eventId}`;
    const reading = kept.get(key) ?? readEvent(request, room, eventId);
    kept.delete(key);
    kept.set(key, reading);
    const [oldest] = kept.keys();
    if (kept.size > size && oldest !== undefined) kept.delete(oldest);
    try {
      const event = await reading;
      // It may still arrive.
      if (event === undefined) kept.delete(key);
      return event;
    } catch (error) {
      kept.delete(key);
      throw error;
    }
  };
}
