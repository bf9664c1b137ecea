import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import type { SyncRequest } from './sync-once.ts';

/** Account data of a room, or with `''` the global one, that changed after `since`. */
export function accountDataSince(
  context: Context,
  { requester, since }: SyncRequest,
  roomId: string,
): { type: string; content: Content }[] {
  return context.database
    .all<{ type: string; content: string }>(
      'SELECT type, content FROM account_data WHERE user_id = ? AND room_id = ? AND stream > ? ORDER BY stream',
      requester.userId,
      roomId,
      since?.stream ?? 0,
    )
    .map(({ type, content }) => ({ type, content: JSON.parse(content) as Content }));
}
