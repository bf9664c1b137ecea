import type { Context } from '../context.ts';
import type { Position } from '../sync/position.ts';

const others = `SELECT DISTINCT theirs.user_id FROM members AS mine JOIN members AS theirs USING (room_id)
  WHERE mine.user_id = ? AND mine.membership = 'join' AND theirs.membership = 'join'`;

/** Records that a user's devices or keys changed, and wakes everyone who shares a room with them. */
export function deviceListChanged(context: Context, userId: string): void {
  context.database.run(
    `INSERT INTO device_list_changes (user_id, stream) VALUES (?, ?)
     ON CONFLICT (user_id) DO UPDATE SET stream = excluded.stream`,
    userId,
    context.database.nextStream(),
  );
  context.notifier.wake([userId, ...sharers(context, userId)]);
}

/**
 * Whose devices a client must ask for anew, because they changed or because a room came to be shared, and whom it
 * need not track any more.
 */
export function deviceListsSince(
  context: Context,
  userId: string,
  since: Position,
): { changed: string[]; left: string[] } {
  const sharing = new Set([...sharers(context, userId), userId]);
  const changed = new Set(
    context.database
      .all<{ user_id: string }>('SELECT user_id FROM device_list_changes WHERE stream > ?', since.stream)
      .map(({ user_id }) => user_id)
      .filter((id) => sharing.has(id)),
  );
  const left = new Set<string>();
  const moved = context.database.all<{ user_id: string; room_id: string; membership: string }>(
    `SELECT user_id, room_id, membership FROM members WHERE pos > ?
       AND room_id IN (SELECT room_id FROM members WHERE user_id = ?)`,
    since.pos,
    userId,
  );
  for (const member of moved) {
    const concerned = member.user_id === userId ? roommates(context, member.room_id) : [member.user_id];
    for (const id of concerned) {
      if (member.membership === 'join' && sharing.has(id)) changed.add(id);
      if (!sharing.has(id)) left.add(id);
    }
  }
  return { changed: [...changed], left: [...left] };
}

const sharers = (context: Context, userId: string): string[] =>
  context.database.all<{ user_id: string }>(others, userId).map(({ user_id }) => user_id);

const roommates = (context: Context, roomId: string): string[] =>
  context.database
    .all<{ user_id: string }>(`SELECT user_id FROM members WHERE room_id = ? AND membership = 'join'`, roomId)
    .map(({ user_id }) => user_id);
