import type { Delivery } from '#streams/delivery';
import { decodeRow, rowsBackward, type StreamRowsDeps } from './stream-rows.ts';

/** An edit that the inbound stream still holds. */
export interface FoundEdit {
  /** Its place in the stream. */
  readonly row: string;
  readonly text: string;
  /** The message that it changed. */
  readonly target: string;
  /** How that message reads without it; undefined where the stream has the message no more. */
  readonly before: string | undefined;
}

/** Looks for an edit of the entry's session, and for what else is known of its message. */
export async function findEdit(
  deps: StreamRowsDeps,
  { partition, entry, entryId }: Pick<Delivery, 'partition' | 'entry' | 'entryId'>,
  edit: string,
): Promise<FoundEdit | undefined> {
  const newest = new Map<string, string>();
  let found: Omit<FoundEdit, 'before'> | undefined;
  for await (const row of rowsBackward(deps, partition, entryId)) {
    if (row.fields.get('session') !== entry.session) continue;
    const past = decodeRow(deps, row);
    if (past?.type === 'message.edited') {
      const { eventId, edits: target, text } = past.body;
      if (eventId === edit) found = { row: row.id, text, target };
      else if (!newest.has(target)) newest.set(target, text);
    }
    if (found !== undefined && past?.type === 'message.received' && past.body.eventId === found.target) {
      return { ...found, before: newest.get(found.target) ?? past.body.text };
    }
  }
  return found && { ...found, before: newest.get(found.target) };
}
