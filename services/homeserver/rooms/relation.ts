import { type Content, objectAt, stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { MatrixError } from '../errors.ts';
import type { EventDraft } from './event-draft.ts';
import { findEvent } from './stored-event.ts';

export interface Relation {
  readonly type: string;
  readonly parentId: string;
  /** The reaction's key of an `m.annotation`. */
  readonly key: string | undefined;
}

/** The `m.relates_to` of an event's content, when it names a type and a parent. */
export function relationOf(content: Content): Relation | undefined {
  const relatesTo = objectAt(content, 'm.relates_to');
  const type = stringAt(relatesTo, 'rel_type');
  const parentId = stringAt(relatesTo, 'event_id');
  if (type === undefined || parentId === undefined) return undefined;
  return { type, parentId, key: type === 'm.annotation' ? stringAt(relatesTo, 'key') : undefined };
}

/** Refuses what Synapse refuses: relations to unknown events, a reaction twice, a thread inside a relation. */
export function checkRelation(context: Context, roomId: string, draft: EventDraft): void {
  const relation = relationOf(draft.content);
  if (relation === undefined) return;
  const parent = findEvent(context, relation.parentId);
  if (parent === undefined) {
    throw new MatrixError(400, 'M_UNKNOWN', "Can't send relation to unknown event");
  }
  if (parent.roomId !== roomId) throw new MatrixError(400, 'M_UNKNOWN', 'Relations must be in the same room');
  if (relation.type === 'm.annotation') checkAnnotation(context, draft, relation);
  if (relation.type === 'm.thread' && relationOf(parent.content) !== undefined) {
    throw new MatrixError(400, 'M_UNKNOWN', 'Cannot start threads from an event with a relation');
  }
}

function checkAnnotation(context: Context, draft: EventDraft, relation: Relation): void {
  if (relation.key !== undefined && relation.key.length > 500) {
    throw new MatrixError(400, 'M_UNKNOWN', 'Aggregation key is too long');
  }
  const same = context.database.get(
    `SELECT 1 FROM events WHERE parent_id = ? AND rel_type = 'm.annotation' AND type = ? AND sender = ?
       AND rel_key IS ? AND redacted_by IS NULL`,
    relation.parentId,
    draft.type,
    draft.sender,
    relation.key ?? null,
  );
  if (same !== undefined) {
    throw new MatrixError(400, 'M_DUPLICATE_ANNOTATION', "Can't send same reaction twice");
  }
}
