import type { Content } from '../content.ts';
import type { Context } from '../context.ts';

/** Counts of members, and up to five others by whom a client may name the room. */
export function roomSummary(context: Context, roomId: string, userId: string): Content {
  const members = context.database.all<{ user_id: string; membership: string }>(
    `SELECT user_id, membership FROM members WHERE room_id = ? AND membership IN ('join', 'invite') ORDER BY pos`,
    roomId,
  );
  const heroes = members.map(({ user_id }) => user_id).filter((id) => id !== userId);
  return {
    'm.heroes': heroes.slice(0, 5),
    'm.joined_member_count': members.filter(({ membership }) => membership === 'join').length,
    'm.invited_member_count': members.filter(({ membership }) => membership === 'invite').length,
  };
}
