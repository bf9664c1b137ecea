import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import type { ClientEventOptions } from './client-event.ts';
import { relationOf } from './relation.ts';
import { type EventRow, eventColumns, type StoredEvent, toEvent } from './stored-event.ts';

/** Shows an event in the format that its parent is shown in. */
type Show = (event: StoredEvent, options: ClientEventOptions) => Content;

/** What `unsigned.m.relations` tells of an event's children: its latest edit, its thread, references to it. */
export function bundledAggregations(
  context: Context,
  event: StoredEvent,
  options: ClientEventOptions,
  show: Show,
): Content {
  if (event.stateKey !== null) return {};
  const result: Content = {};
  const references = childIds(context, event, 'm.reference');
  if (references.length > 0) result['m.reference'] = { chunk: references.map((event_id) => ({ event_id })) };
  const type = relationOf(event.content)?.type;
  if (type === 'm.replace' || type === 'm.annotation') return result;
  const edit = latestEdit(context, event);
  if (edit !== undefined)
    result['m.replace'] = show(edit, { ...options, bundle: false, withMembership: false });
  const thread = threadSummary(context, event, options, show);
  if (thread !== undefined) result['m.thread'] = thread;
  return result;
}

function childIds(context: Context, event: StoredEvent, type: string): string[] {
  return context.database
    .all<{ event_id: string }>(
      'SELECT event_id FROM events WHERE parent_id = ? AND rel_type = ? AND redacted_by IS NULL ORDER BY pos',
      event.eventId,
      type,
    )
    .map(({ event_id }) => event_id);
}

/** Only the author's own edits of the same type count; the newest by origin time, then by id, wins. */
function latestEdit(context: Context, event: StoredEvent): StoredEvent | undefined {
  const row = context.database.get<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE parent_id = ? AND rel_type = 'm.replace' AND sender = ? AND type = ?
       AND room_id = ? AND redacted_by IS NULL ORDER BY origin_server_ts DESC, event_id DESC LIMIT 1`,
    event.eventId,
    event.sender,
    event.type,
    event.roomId,
  );
  return row && toEvent(row);
}

function threadSummary(
  context: Context,
  root: StoredEvent,
  options: ClientEventOptions,
  show: Show,
): Content | undefined {
  const where = `parent_id = ? AND rel_type = 'm.thread' AND redacted_by IS NULL`;
  const latest = context.database.get<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE ${where} ORDER BY pos DESC LIMIT 1`,
    root.eventId,
  );
  if (latest === undefined) return undefined;
  const count = context.database.get<{ count: number }>(
    `SELECT count(*) AS count FROM events WHERE ${where}`,
    root.eventId,
  )?.count;
  const userId = options.viewer?.userId ?? '';
  const participated = context.database.get(
    `SELECT 1 FROM events WHERE ${where} AND sender = ?`,
    root.eventId,
    userId,
  );
  return {
    latest_event: show(toEvent(latest), { ...options, withMembership: false }),
    count,
    current_user_participated: participated !== undefined || root.sender === userId,
  };
}
