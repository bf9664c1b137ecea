import type { Context } from '../context.ts';
import { type EventFilter, passes } from '../sync/event-filter.ts';
import { type EventRow, eventColumns, type StoredEvent, toEvent } from './stored-event.ts';
import type { CanSee } from './visibility.ts';

export interface PageRequest {
  roomId: string;
  /** `backward`: events at or before `from`, newest first. `forward`: events after `from`, oldest first. */
  direction: 'backward' | 'forward';
  from: number;
  /** Where to stop: backward shows only events after `to`, forward only up to `to`. */
  to?: number | undefined;
  limit: number;
  filter?: EventFilter | undefined;
  /** Only events that relate to this one. */
  parentId?: string | undefined;
  canSee: CanSee;
}

export interface Page {
  events: StoredEvent[];
  /** Place to go on from; undefined when the page is empty. */
  end: number | undefined;
  /** Whether the limit ended the page, so that more may follow. */
  isFull: boolean;
}

const batch = 200;

/** A page of a room's timeline, only with what the user may see and the filter lets through. */
export function timelinePage(context: Context, request: PageRequest): Page {
  const events: StoredEvent[] = [];
  let from = request.from;
  for (;;) {
    const rows = readBatch(context, { ...request, from });
    for (const row of rows) {
      const event = toEvent(row);
      from = request.direction === 'backward' ? event.pos - 1 : event.pos;
      if (!request.canSee(event) || !passes(event, request.filter)) continue;
      events.push(event);
      if (events.length === request.limit) return { events, end: from, isFull: true };
    }
    if (rows.length < batch) return { events, end: events.length > 0 ? from : undefined, isFull: false };
  }
}

function readBatch(context: Context, page: PageRequest): EventRow[] {
  const isBackward = page.direction === 'backward';
  const [after, upTo] = isBackward
    ? [page.to ?? 0, page.from]
    : [page.from, page.to ?? Number.MAX_SAFE_INTEGER];
  const ofParent = page.parentId === undefined ? '' : 'AND parent_id = ?';
  return context.database.all<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE room_id = ? AND pos > ? AND pos <= ? ${ofParent}
     ORDER BY pos ${isBackward ? 'DESC' : 'ASC'} LIMIT ?`,
    page.roomId,
    after,
    upTo,
    ...(page.parentId === undefined ? [] : [page.parentId]),
    batch,
  );
}
