import type { EntryOf } from '#contract/entry';
import type { Delivery } from '#streams/delivery';
import { outputsOf } from './outputs.ts';
import { editsRedactedIn, isEditOf, redactedIn, withEdit } from './question.ts';
import type { TurnResult } from './record-turn.ts';
import {
  editField,
  goneField,
  noteWrites,
  readNotes,
  type SessionNotesDeps,
  unansweredWrites,
} from './session-notes.ts';

type Edited = EntryOf<'message.edited'>;

export const tooLateText =
  'You changed this message after I had begun to answer it, so my answer is about what it said before. Write it anew, and I answer that.';

/** Outcomes of questions that an answer has come from, or will. */
const answered = new Set(['replied', 'waiting', 'interrupted']);
/** The field with the event that was edited last after its answer. */
const lateField = 'late';

/**
 * A message was edited. Where the work on it had not begun, the turn took the new text (`applied`). Where it had, the person is
 * told, once for each message, that the answer is about the old one (`too_late`); where there is no answer, nothing is said.
 */
export async function takeEditTurn(
  deps: SessionNotesDeps,
  delivery: Delivery,
  entry: Edited,
): Promise<TurnResult> {
  const { partition } = delivery;
  const { edits: target } = entry.body;
  const key = deps.keys.session(partition, entry.session);
  const fields = [editField(entry.id), lateField, goneField(target), goneField(entry.id)];
  const [applied, late, gone, isTakenBack] = await deps.redis.hmget(key, ...fields);
  if ((gone ?? isTakenBack ?? undefined) !== undefined) return eraseEdit(deps, delivery);
  if (applied !== null && applied !== undefined) {
    return { writes: [{ command: 'HDEL', key, args: [editField(entry.id)] }], outcome: 'applied' };
  }
  const waiting = delivery.waiting();
  const takenBack = editsRedactedIn(waiting);
  if (takenBack.has(entry.id)) return { outcome: 'no_reply' };
  const { unanswered } = await readNotes(deps, delivery);
  if (unanswered.some(({ eventId }) => eventId === target)) {
    const parts = unanswered.map((part) => (part.eventId === target ? withEdit(part, entry) : part));
    return { writes: unansweredWrites(deps, delivery, parts), outcome: 'applied' };
  }
  if (redactedIn(waiting).has(target)) return { outcome: 'no_reply' };
  if (waiting.some((next) => isEditOf(next, target) && !takenBack.has(next.id)))
    return { outcome: 'superseded' };
  const fate = await deps.redis.get(deps.keys.fact(partition, target));
  if (late === target || !answered.has(fate?.replace(/^done:/, '') ?? '')) return { outcome: 'no_reply' };
  const body = { reply: entry.id, text: tooLateText, replyTo: target, revision: 0 };
  return {
    outputs: [outputsOf(entry)('reply.finished', 'reply', body)],
    writes: noteWrites(deps, delivery, [lateField, target]),
    outcome: 'too_late',
    course: { replies: [entry.id] },
  };
}

/** Of a message that is redacted already, or itself: nothing of it is kept, as little as of the message. */
function eraseEdit({ keys }: SessionNotesDeps, { partition, entryId }: Delivery): TurnResult {
  const key = keys.stream(partition, 'inbound');
  return { writes: [{ command: 'XDEL', key, args: [entryId] }], outcome: 'no_reply' };
}
