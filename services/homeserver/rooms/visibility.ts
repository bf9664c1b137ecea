import { parseStored, stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { forbidden } from '../errors.ts';
import { membershipOf } from './room-state.ts';
import type { StoredEvent } from './stored-event.ts';

interface Change {
  pos: number;
  value: string;
}

/** Whether a user may see an event of this room. */
export type CanSee = (event: StoredEvent) => boolean;

/**
 * The room's history visibility for one user, at each event as it stood then: `shared` shows what happened before
 * the join, `invited` and `joined` do not, and nothing after leaving is shown.
 */
export function visibilityFor(context: Context, roomId: string, userId: string): CanSee {
  const settings = changes(context, roomId, 'm.room.history_visibility', '', 'history_visibility');
  const memberships = changes(context, roomId, 'm.room.member', userId, 'membership');
  const lastJoin = memberships.findLast(({ value }) => value === 'join')?.pos ?? -1;
  const isJoined = memberships.at(-1)?.value === 'join';
  const isAlwaysShared = settings.every(({ value }) => value === 'shared' || value === 'world_readable');
  if (isJoined && isAlwaysShared) return () => true;
  return ({ pos, type }) => {
    // A change of the setting itself is seen by those who might see what came before it.
    const setting = valueAt(settings, type === 'm.room.history_visibility' ? pos - 1 : pos) ?? 'shared';
    if (setting === 'world_readable') return true;
    // The event of one's own leaving, ban or kick is shown to the one who left.
    const own = memberships.find((change) => change.pos === pos);
    if (own !== undefined && valueAt(memberships, pos - 1) !== undefined) return true;
    const membership = valueAt(memberships, pos);
    if (membership === 'join') return true;
    if (setting === 'invited') return membership === 'invite';
    return setting === 'shared' && pos < lastJoin;
  };
}

/** Throws 403 unless the user is or was in the room. */
export function requireMember(context: Context, roomId: string, userId: string): void {
  const membership = membershipOf(context, roomId, userId);
  if (membership === 'join') return;
  if ((membership === 'leave' || membership === 'ban') && !hasForgotten(context, roomId, userId)) {
    const wasIn = changes(context, roomId, 'm.room.member', userId, 'membership');
    if (wasIn.some(({ value }) => value === 'join')) return;
  }
  throw forbidden(`User ${userId} not in room ${roomId}, and room previews are disabled`);
}

function hasForgotten(context: Context, roomId: string, userId: string): boolean {
  const row = context.database.get(
    'SELECT 1 FROM members WHERE room_id = ? AND user_id = ? AND forgotten = 1',
    roomId,
    userId,
  );
  return row !== undefined;
}

/** The position up to which somebody who left may look; infinite for those who are in. */
export function lastVisiblePosition(context: Context, roomId: string, userId: string): number {
  const row = context.database.get<{ membership: string; pos: number }>(
    'SELECT membership, pos FROM members WHERE room_id = ? AND user_id = ?',
    roomId,
    userId,
  );
  return row === undefined || row.membership === 'join' ? Number.MAX_SAFE_INTEGER : row.pos;
}

function changes(context: Context, roomId: string, type: string, key: string, field: string): Change[] {
  return context.database
    .all<{ pos: number; content: string }>(
      'SELECT pos, content FROM events WHERE room_id = ? AND type = ? AND state_key = ? ORDER BY pos',
      roomId,
      type,
      key,
    )
    .map(({ pos, content }) => ({ pos, value: stringAt(parseStored(content), field) ?? '' }));
}

function valueAt(list: readonly Change[], pos: number): string | undefined {
  return list.findLast((change) => change.pos <= pos)?.value;
}
