import type { Entry, EntryOf } from '#contract/entry';
import type { QuestionPart } from './session-notes.ts';

type Message = EntryOf<'message.received'>;

/** Who edits more often than this and then takes edits back gets the first version. */
const mostVersions = 10;

/** What a turn answers. */
export interface Question {
  /** The message, behind those that it has broken off; without what was redacted since. */
  readonly parts: readonly QuestionPart[];
  /** Ids of the edits that are in the texts. */
  readonly edits: readonly string[];
  /** Whether the message itself is gone. */
  readonly isRedacted: boolean;
}

/**
 * The messages that a turn answers, as those who wrote them left them: with the edits and without the redactions that wait
 * in the session's lane.
 */
export function questionOf(
  entry: Message,
  unanswered: readonly QuestionPart[],
  waiting: readonly Entry[],
): Question {
  const { eventId, text, attachments } = entry.body;
  const files = attachments.length === 0 ? {} : { files: attachments };
  const own: QuestionPart = { id: entry.id, eventId, text, ...files };
  const redacted = redactedIn(waiting);
  const written = [...unanswered.filter(({ id }) => id !== entry.id), own];
  const left = written.filter((part) => !redacted.has(part.eventId));
  const edits: string[] = [];
  const takenBack = editsRedactedIn(waiting);
  const parts = left.map((part) => {
    const ofPart = waiting.filter(
      (next): next is EntryOf<'message.edited'> =>
        isEditOf(next, part.eventId) && !takenBack.has(next.body.eventId),
    );
    edits.push(...ofPart.map(({ id }) => id));
    return withoutEdits(ofPart.reduce(withEdit, part), takenBack);
  });
  return { parts, edits, isRedacted: redacted.has(eventId) };
}

/** A message as an edit has it. */
export function withEdit(part: QuestionPart, { id, body }: EntryOf<'message.edited'>): QuestionPart {
  const { first, edits } = part.versions ?? { first: part.text, edits: [] };
  const { text } = body;
  return { ...part, text, versions: { first, edits: [...edits, { id, text }].slice(-mostVersions) } };
}

/** A message as it reads without edits that were taken back. */
export function withoutEdits(part: QuestionPart, takenBack: ReadonlySet<string>): QuestionPart {
  const { versions } = part;
  if (versions === undefined) return part;
  const edits = versions.edits.filter(({ id }) => !takenBack.has(id));
  if (edits.length === versions.edits.length) return part;
  return { ...part, text: edits.at(-1)?.text ?? versions.first, versions: { ...versions, edits } };
}

/** Event ids of what the entries take back. */
export function redactedIn(waiting: readonly Entry[]): ReadonlySet<string> {
  const redacted = new Set<string>();
  for (const next of waiting) if (next.type === 'message.redacted') redacted.add(next.body.redacts);
  return redacted;
}

/** Event ids of the edits that the entries take back: their message reads as before. */
export function editsRedactedIn(waiting: readonly Entry[]): ReadonlySet<string> {
  return new Set(waiting.flatMap((next) => (next.type === 'edit.redacted' ? [next.body.redacts] : [])));
}

/** The oldest waiting message that wants an answer: not one over a limit, without its key, or taken back already. */
export function nextMessage(waiting: readonly Entry[]): Message | undefined {
  const redacted = redactedIn(waiting);
  return waiting.find(
    (next): next is Message =>
      next.type === 'message.received' &&
      next.body.limited === undefined &&
      next.body.undecryptable === undefined &&
      !redacted.has(next.body.eventId),
  );
}

export function isEditOf(entry: Entry, eventId: string): entry is EntryOf<'message.edited'> {
  return entry.type === 'message.edited' && entry.body.edits === eventId;
}
