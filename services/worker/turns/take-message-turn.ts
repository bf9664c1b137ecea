import type { TurnOutput } from '#agents/conversation/turn';
import type { EntryOf } from '#contract/entry';
import { ModelError } from '#models/errors';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { redisNow } from '#streams/redis-now';
import { ModelFailedError } from '../errors.ts';
import { breakOff, fateOf } from './break-off.ts';
import { doubleTextOf, type Refusals, refuseWhileBusy, rejection } from './double-text.ts';
import { createDrafter } from './drafter.ts';
import { forgetFiles, loadFiles } from './media.ts';
import { type Question, questionOf } from './question.ts';
import type { TurnResult } from './record-turn.ts';
import {
  answerField,
  busyWrites,
  editField,
  noNotes,
  noteWrites,
  readNotes,
  type SessionNotes,
  unansweredWrites,
} from './session-notes.ts';
import { turnCommit } from './turn-commit.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';
import { watchLane } from './watch-lane.ts';

type Message = EntryOf<'message.received'>;

/**
 * A person wrote: answer, or ask reviewers and say that it waits. What the person does meanwhile decides too: a redaction, an
 * edit, another message, as the playbook has it.
 */
export async function takeMessageTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: Message,
  savers: TurnSavers,
): Promise<TurnResult> {
  const policy = doubleTextOf(deps.messages(), entry.session);
  const notes = policy === 'enqueue' ? noNotes : await readNotes(deps, delivery);
  const question = questionOf(entry, notes.unanswered, delivery.waiting());
  const refused = question.isRedacted ? undefined : rejection(deps, delivery, entry, notes);
  if (refused !== undefined) return refused;
  const refusals = policy === 'reject' ? refuseWhileBusy(deps, delivery, notes.busy) : undefined;
  const watch = watchLane(delivery, (waiting) => {
    const fate = fateOf(question, policy, waiting);
    if (fate === undefined) refusals?.look();
    return fate;
  });
  const end = (): Commit | undefined => {
    const fate = watch.fate();
    if (fate === undefined) return undefined;
    savers.discarded();
    return breakOff(deps, delivery, { entry, fate, unanswered: notes.unanswered });
  };
  try {
    const early = end();
    if (early !== undefined) return early;
    const signal = AbortSignal.any([delivery.signal, watch.signal]);
    const result = await answer(deps, { ...delivery, signal }, entry, question, savers);
    const ended = await endWrites(deps, delivery, { notes, question, refusals });
    // From here to the commit nothing is waited for.
    return end() ?? { ...result, writes: [...savers.takeWrites(), ...(result.writes ?? []), ...ended] };
  } catch (error) {
    const broken = end();
    if (broken === undefined) throw error;
    return broken;
  } finally {
    watch.stop();
    await refusals?.finish();
  }
}

/** Without the savers' writes. */
async function answer(
  deps: TurnDeps,
  delivery: Delivery,
  entry: Message,
  { parts, isRedacted }: Question,
  savers: TurnSavers,
): Promise<TurnResult> {
  const { sender, originTime, toAgent } = entry.body;
  const replyTo = parts.at(-1)?.eventId ?? entry.body.eventId;
  const said = parts.map((part) => part.text).filter((one) => one !== '');
  const sent = parts.flatMap(({ files = [] }) => files);
  const files = await loadFiles(deps, delivery.partition, sent);
  const drafter = createDrafter(delivery, replyTo);
  let turn: TurnOutput;
  try {
    turn = await deps.conversation.takeTurn(
      {
        kind: 'message',
        text: said.join('\n\n'),
        files,
        eventId: entry.id,
        sender,
        at: originTime,
        ...(toAgent === undefined ? {} : { toAgent }),
      },
      {
        thread: entry.session,
        saver: savers.conversation,
        signal: delivery.signal,
        onDraft: drafter.onDraft,
      },
    );
  } catch (error) {
    throw error instanceof ModelError ? new ModelFailedError(error) : error;
  } finally {
    await drafter.finish();
  }
  const cause = { requester: sender, replyTo, revision: await drafter.finish() };
  const commit = await turnCommit(deps, delivery, savers, turn, cause);
  const writes = [...commit.writes, ...forgetFiles(deps, delivery.partition, sent)];
  return { ...commit, writes, outcome: isRedacted ? 'redacted' : turn.outcome };
}

/** What the session remembers of how its question ended. */
async function endWrites(
  deps: TurnDeps,
  delivery: Delivery,
  at: { notes: SessionNotes; question: Question; refusals: Refusals | undefined },
) {
  const { notes, question, refusals } = at;
  const edits = question.edits.flatMap((edit) => [editField(edit), delivery.entry.id]);
  const busy = refusals && { ...(await refusals.finish()), until: await redisNow(deps.redis) };
  const others = question.parts.filter(({ id }) => id !== delivery.entry.id);
  const answers = others.flatMap(({ eventId }) => [answerField(eventId), delivery.entry.id]);
  return [
    ...noteWrites(deps, delivery, [...edits, ...answers]),
    ...(notes.unanswered.length === 0 ? [] : unansweredWrites(deps, delivery, [])),
    ...(busy === undefined ? [] : busyWrites(deps, delivery, busy)),
  ];
}
