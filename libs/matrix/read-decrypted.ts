import { readContent } from './event-content.ts';
import { outerRelation } from './outer-relation.ts';
import { type EventEnvelope, type RoomEvent, readEventAs } from './room-event.ts';

/** What was encrypted of an event. */
export interface Clear {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** By a device that its owner has signed. */
  readonly isSigned: boolean;
}

/**
 * What may be said in a ciphertext. The homeserver checks who may redact or change the state of a room, and it cannot
 * check what it cannot read: from inside, such events are nothing.
 */
const types = new Set(['m.room.message', 'm.reaction']);

/**
 * Reads an `m.room.encrypted` with what it held: id, sender and time are those of the event as it came, type and
 * content come from inside, the relation too where there is one (client-server API, "Relationships and encryption").
 */
export function readDecrypted(raw: unknown, room: string, clear: Clear): RoomEvent {
  return readEventAs(raw, room, (event) => {
    const { type, isSigned } = clear;
    const about = { type, encrypted: true, isSigned };
    if (!types.has(type)) return { ...about, kind: 'other' };
    const { state_key: _, redacts: __, ...rest } = event;
    return { ...about, ...readContent({ ...rest, type, content: withRelation(event, clear) }) };
  });
}

/** The same event, which cannot be read: `isLate` where its key never came. */
export function readUndecryptable(
  raw: unknown,
  room: string,
  { reason, isLate }: { readonly reason: string; readonly isLate: boolean },
): RoomEvent {
  return readEventAs(raw, room, (event) => ({
    type: event.type,
    encrypted: true,
    isSigned: false,
    kind: 'undecryptable',
    reason,
    isLate,
    ...outerRelation(event.content),
  }));
}

function withRelation({ content: outside }: EventEnvelope, { content }: Clear): EventEnvelope['content'] {
  const relation = content['m.relates_to'] ?? outside['m.relates_to'];
  return { ...content, ...(relation === undefined ? {} : { 'm.relates_to': relation }) };
}
