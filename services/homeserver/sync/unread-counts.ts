import { objectAt, parseStored } from '../content.ts';
import type { Context } from '../context.ts';

/** Messages of others after the user's last read receipt or own message, and how many of them mention the user. */
export function unreadCounts(
  context: Context,
  roomId: string,
  userId: string,
): { notification_count: number; highlight_count: number } {
  const read = context.database.get<{ pos: number | null }>(
    `SELECT max(pos) AS pos FROM (
       SELECT max(events.pos) AS pos FROM receipts JOIN events USING (event_id)
         WHERE receipts.room_id = ? AND user_id = ? AND receipts.type IN ('m.read', 'm.read.private')
       UNION ALL SELECT max(pos) FROM events WHERE room_id = ? AND sender = ?)`,
    roomId,
    userId,
    roomId,
    userId,
  );
  const unread = context.database.all<{ content: string }>(
    `SELECT content FROM events WHERE room_id = ? AND pos > ? AND sender <> ? AND redacted_by IS NULL
       AND type IN ('m.room.message', 'm.room.encrypted') AND rel_type IS NOT 'm.replace' LIMIT 1000`,
    roomId,
    read?.pos ?? 0,
    userId,
  );
  const counted = unread
    .map(({ content }) => parseStored(content))
    .filter(({ msgtype }) => msgtype !== 'm.notice');
  const mentions = counted.filter((content) => {
    const mentioned = objectAt(content, 'm.mentions')['user_ids'];
    return Array.isArray(mentioned) && mentioned.includes(userId);
  });
  return { notification_count: counted.length, highlight_count: mentions.length };
}
