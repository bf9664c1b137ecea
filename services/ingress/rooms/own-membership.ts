import type { DecodedEvent, RoomEvent } from '#matrix/room-event';

type Member = Extract<DecodedEvent, { kind: 'member' }>;

/** Whether the event is the bot's entry into the room; a change of its name is a join event too, but no entry. */
export function isOwnJoin(event: RoomEvent, userId: string): boolean {
  return isOwn(event, userId) && event.membership === 'join' && event.previous !== 'join';
}

/** Whether the event puts the bot out of a room that it was in; an invite that comes to nothing does not. */
export function isOwnExit(event: RoomEvent, userId: string): event is Member {
  if (!isOwn(event, userId)) return false;
  const wasIn = event.previous === null || event.previous === 'join';
  return wasIn && (event.membership === 'leave' || event.membership === 'ban');
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

function isOwn(event: RoomEvent, userId: string): event is Member {
  return event.kind === 'member' && event.user === userId;
}
