import { type Content, parseStored, stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { type EventRow, eventColumns, type StoredEvent, toEvent } from './stored-event.ts';

export type Membership = 'join' | 'invite' | 'leave' | 'ban' | 'knock';

/** The content of the current state event, or undefined. A redacted state event is empty. */
export function stateContent(context: Context, roomId: string, type: string, key = ''): Content | undefined {
  return stateEvent(context, roomId, type, key)?.content;
}

export function stateEvent(
  context: Context,
  roomId: string,
  type: string,
  key = '',
): StoredEvent | undefined {
  const row = context.database.get<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE pos =
       (SELECT pos FROM current_state WHERE room_id = ? AND type = ? AND state_key = ?)`,
    roomId,
    type,
    key,
  );
  return row && toEvent(row);
}

/** The room's state after the event at `pos`; without `pos`, as it is now. */
export function stateAt(context: Context, roomId: string, pos?: number): StoredEvent[] {
  const rows =
    pos === undefined
      ? context.database.all<EventRow>(
          `SELECT ${eventColumns} FROM events WHERE pos IN (SELECT pos FROM current_state WHERE room_id = ?) ORDER BY pos`,
          roomId,
        )
      : stateRows(context, roomId, 0, pos);
  return rows.map(toEvent);
}

/** The last state event of each type and key after `after`, up to and including `upTo`. */
export function stateChanges(context: Context, roomId: string, after: number, upTo: number): StoredEvent[] {
  return stateRows(context, roomId, after, upTo).map(toEvent);
}

function stateRows(context: Context, roomId: string, after: number, upTo: number): EventRow[] {
  return context.database.all<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE pos IN (
       SELECT max(pos) FROM events WHERE room_id = ? AND state_key IS NOT NULL AND pos > ? AND pos <= ?
       GROUP BY type, state_key) ORDER BY pos`,
    roomId,
    after,
    upTo,
  );
}

export function membershipOf(context: Context, roomId: string, userId: string): Membership | undefined {
  return context.database.get<{ membership: Membership }>(
    'SELECT membership FROM members WHERE room_id = ? AND user_id = ?',
    roomId,
    userId,
  )?.membership;
}

/** The user's membership just after the event at `pos`. */
export function membershipAt(
  context: Context,
  roomId: string,
  userId: string,
  pos: number,
): string | undefined {
  const row = context.database.get<{ content: string }>(
    `SELECT content FROM events WHERE room_id = ? AND type = 'm.room.member' AND state_key = ? AND pos <= ?
     ORDER BY pos DESC LIMIT 1`,
    roomId,
    userId,
    pos,
  );
  return row && stringAt(parseStored(row.content), 'membership');
}

export function joinedUsers(context: Context, roomId: string): string[] {
  return context.database
    .all<{ user_id: string }>(
      `SELECT user_id FROM members WHERE room_id = ? AND membership = 'join' ORDER BY pos`,
      roomId,
    )
    .map(({ user_id }) => user_id);
}

export interface Room {
  readonly roomId: string;
  readonly version: string;
  readonly creator: string;
}

export function findRoom(context: Context, roomId: string): Room | undefined {
  return context.database.get<Room>(
    'SELECT room_id AS roomId, version, creator FROM rooms WHERE room_id = ?',
    roomId,
  );
}
