import type { EntryOf } from '#contract/entry';
import type { DoubleText } from '#playbook/policies';
import type { Commit, Output } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { TurnBeginsAnewError } from '../errors.ts';
import { outputsOf } from './outputs.ts';
import { nextMessage, type Question, questionOf, redactedIn } from './question.ts';
import {
  editField,
  noteWrites,
  type QuestionPart,
  type SessionNotesDeps,
  unansweredWrites,
} from './session-notes.ts';

type Message = EntryOf<'message.received'>;

/** Why a turn is broken off before it has come to its end. */
export type BreakOff =
  /** Everything that it would answer was taken back. */
  | 'redacted'
  /** A part of it was taken back: the rest is answered. */
  | 'anew'
  | 'interrupted'
  | 'rolled_back';

/** What the waiting entries make of a turn; undefined while it goes on. */
export function fateOf(
  { parts, isRedacted }: Question,
  policy: DoubleText,
  waiting: Parameters<typeof redactedIn>[0],
): BreakOff | undefined {
  const redacted = redactedIn(waiting);
  const left = parts.filter(({ eventId }) => !redacted.has(eventId));
  if (left.length === 0) return 'redacted';
  if (left.length < parts.length) return 'anew';
  if (policy !== 'interrupt' && policy !== 'rollback') return undefined;
  // Nothing of its own is left to be told of: the newer message answers the rest.
  if (nextMessage(waiting) === undefined) return undefined;
  if (isRedacted) return 'redacted';
  return policy === 'interrupt' ? 'interrupted' : 'rolled_back';
}

/**
 * The end of a turn that was broken off: what was shown of it is taken back. Interrupted, its text is kept for the turn of the
 * message that came in between; otherwise nothing of it is.
 *
 * @throws {TurnBeginsAnewError} for the turn that goes on with what is left.
 */
export function breakOff(
  deps: SessionNotesDeps,
  delivery: Pick<Delivery, 'partition' | 'entry' | 'waiting'>,
  at: { readonly entry: Message; readonly fate: BreakOff; readonly unanswered: readonly QuestionPart[] },
): Commit {
  const { entry, fate, unanswered } = at;
  if (fate === 'anew') throw new TurnBeginsAnewError();
  const { parts, edits } = questionOf(entry, unanswered, delivery.waiting());
  const kept = fate === 'rolled_back' ? [] : parts;
  const isChanged = kept.length + unanswered.length > 0;
  return {
    outputs: withdrawal(entry, fate),
    writes: [
      ...(isChanged ? unansweredWrites(deps, delivery, kept) : []),
      ...noteWrites(
        deps,
        delivery,
        edits.flatMap((edit) => [editField(edit), entry.id]),
      ),
    ],
    outcome: fate,
  };
}

function withdrawal(entry: Message, reason: Exclude<BreakOff, 'anew'>): Output[] {
  const output = outputsOf(entry);
  const { eventId: replyTo } = entry.body;
  return [
    output('reply.withdrawn', 'withdrawn', { reply: entry.id, reason }),
    output('turn.status', 'silent', { state: 'idle', replyTo, text: '', approval: null }),
  ];
}
