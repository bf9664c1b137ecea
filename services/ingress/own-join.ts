import type { RoomEvent } from '#matrix/room-event';

/** Whether the event is the bot's entry into the room; a change of its name is a join event too, but no entry. */
export function isOwnJoin(event: RoomEvent, userId: string): boolean {
  return (
    event.kind === 'member' &&
    event.user === userId &&
    event.membership === 'join' &&
    event.previous !== 'join'
  );
}

/** The events from the bot's last entry on; all of them where it was in the room before. */
export function sinceOwnJoin(events: readonly RoomEvent[], userId: string): readonly RoomEvent[] {
  return events.slice(
    Math.max(
      0,
      events.findLastIndex((event) => isOwnJoin(event, userId)),
    ),
  );
}
