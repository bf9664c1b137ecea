import { type Content, parseStored } from '../content.ts';
import type { Context } from '../context.ts';
import { redactContent } from './redact-content.ts';

/** An event as the database keeps it. `pos` orders all events of this homeserver. */
export interface StoredEvent {
  readonly pos: number;
  readonly eventId: string;
  readonly roomId: string;
  readonly type: string;
  readonly stateKey: string | null;
  readonly sender: string;
  /** What is left of it when it was redacted. */
  readonly content: Content;
  readonly at: number;
  readonly redacts: string | null;
  readonly redactedBy: string | null;
  readonly replacesState: string | null;
  readonly deviceId: string | null;
  readonly txnId: string | null;
}

export const eventColumns = `pos, event_id AS eventId, events.room_id AS roomId, type, state_key AS stateKey, sender, content,
  origin_server_ts AS at, redacts, redacted_by AS redactedBy, replaces_state AS replacesState,
  device_id AS deviceId, txn_id AS txnId`;

/** A row selected with `eventColumns`. */
export type EventRow = Omit<StoredEvent, 'content'> & { readonly content: string };

export function toEvent(row: EventRow): StoredEvent {
  const content = parseStored(row.content);
  return { ...row, content: row.redactedBy === null ? content : redactContent(row.type, content) };
}

export function findEvent(context: Context, eventId: string): StoredEvent | undefined {
  const row = context.database.get<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE event_id = ?`,
    eventId,
  );
  return row && toEvent(row);
}

/** Position of the last event of the homeserver. */
export function lastPosition(context: Context): number {
  return context.database.get<{ pos: number | null }>('SELECT max(pos) AS pos FROM events')?.pos ?? 0;
}
