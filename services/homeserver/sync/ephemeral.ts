import type { Content } from '../content.ts';
import type { Context } from '../context.ts';

interface Receipt {
  user_id: string;
  type: string;
  thread_id: string;
  event_id: string;
  ts: number;
}

/** Typing and receipts of a room that changed after `stream`; private receipts only for their owner. */
export function ephemeralSince(
  context: Context,
  roomId: string,
  userId: string,
  stream: number,
): { type: string; content: Content }[] {
  const events: { type: string; content: Content }[] = [];
  const typing = context.typing.of(roomId);
  const isTypingNews = typing.stream > stream && (stream > 0 || typing.userIds.length > 0);
  if (isTypingNews) events.push({ type: 'm.typing', content: { user_ids: typing.userIds } });
  const receipts = context.database
    .all<Receipt>(
      'SELECT user_id, type, thread_id, event_id, ts FROM receipts WHERE room_id = ? AND stream > ? ORDER BY stream',
      roomId,
      stream,
    )
    .filter((receipt) => receipt.type !== 'm.read.private' || receipt.user_id === userId);
  if (receipts.length > 0) events.push({ type: 'm.receipt', content: receiptContent(receipts) });
  return events;
}

/** Receipts as `{event: {type: {user: {ts, thread_id}}}}`. An empty thread id in the table means unthreaded. */
export function receiptContent(receipts: readonly Receipt[]): Content {
  const content: Record<string, Record<string, Record<string, Content>>> = {};
  for (const { event_id, type, user_id, ts, thread_id } of receipts) {
    content[event_id] ??= {};
    const byType = content[event_id];
    byType[type] = { ...byType[type], [user_id]: { ts, ...(thread_id === '' ? {} : { thread_id }) } };
  }
  return content;
}
