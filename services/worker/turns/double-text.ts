import type { EntryOf } from '#contract/entry';
import { parseSessionId } from '#contract/session-id';
import type { DoubleText, MessagePolicy } from '#playbook/policies';
import type { Output } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { outputsOf } from './outputs.ts';
import { nextMessage } from './question.ts';
import type { TurnResult } from './record-turn.ts';
import { type Busy, busyWrites, type SessionNotes, type SessionNotesDeps } from './session-notes.ts';

type Message = EntryOf<'message.received'>;

export const refusalText =
  'I am still at your last message, so I have not taken this one. Please send it again when I have answered.';

/** What the playbook says of messages that come while another of their session is worked on. */
export function doubleTextOf({ doubleText, rooms }: MessagePolicy, session: string): DoubleText {
  return rooms[parseSessionId(session)?.room ?? ''] ?? doubleText;
}

/**
 * The end of a message that came while an earlier one was worked on, under `reject`; undefined for any other. When it came is
 * its place in the stream, so that it is the same for every worker, and after every crash.
 */
export function rejection(
  deps: SessionNotesDeps,
  delivery: Delivery,
  entry: Message,
  { busy }: SessionNotes,
): TurnResult | undefined {
  if (busy === null || busy.turn === entry.id) return undefined;
  const isTold = busy.told === entry.id;
  const isEarly = busy.until !== null && delivery.appendedAt < busy.until;
  if (!isTold && !isEarly) return undefined;
  const { eventId: replyTo } = entry.body;
  const silent = { state: 'idle', replyTo, text: '', approval: null } as const;
  const ends = busy.told === null ? [refusalOf(entry)] : [outputsOf(entry)('turn.status', 'silent', silent)];
  return {
    outputs: isTold ? [] : ends,
    writes: busy.told === null ? busyWrites(deps, delivery, { ...busy, told: entry.id }) : [],
    outcome: 'rejected',
    course: { replies: isTold || busy.told === null ? [entry.id] : [] },
  };
}

export interface Refusals {
  /** Something may have joined the lane. */
  look(): void;
  /** Nobody is told any more; resolves to whom was. Rejects when the lease was lost. */
  finish(): Promise<Busy>;
}

/** Tells the first message that comes while this turn runs that it is not taken, at once: the others are silent. */
export function refuseWhileBusy(deps: SessionNotesDeps, delivery: Delivery, before: Busy | null): Refusals {
  const turn = delivery.entry.id;
  let told = before?.turn === turn ? before.told : null;
  let isOver = false;
  let saving: Promise<void> = Promise.resolve();
  return {
    look: () => {
      const next = told === null && !isOver ? nextMessage(delivery.waiting()) : undefined;
      if (next === undefined) return;
      told = next.id;
      const writes = busyWrites(deps, delivery, { turn, until: null, told });
      saving = delivery.save({ outputs: [refusalOf(next)], writes });
      // Observed by `finish`.
      saving.catch(() => undefined);
    },
    finish: async () => {
      isOver = true;
      await saving;
      return { turn, until: null, told };
    },
  };
}

/** As of the message's own turn, whoever writes it: the same again is the same reply. */
function refusalOf(entry: Message): Output {
  const { eventId: replyTo } = entry.body;
  const body = { reply: entry.id, text: refusalText, replyTo, revision: 0 };
  return outputsOf(entry)('reply.finished', 'reply', body);
}
