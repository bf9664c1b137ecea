import type { TurnOutput } from '#agents/conversation/turn';
import type { EntryOf } from '#contract/entry';
import { ModelError } from '#models/errors';
import type { Delivery } from '#streams/delivery';
import { createDrafter } from './drafter.ts';
import { ModelFailedError } from './errors.ts';
import type { TurnResult } from './record-turn.ts';
import { turnCommit } from './turn-commit.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** A person wrote: answer, or ask reviewers and say that it waits. */
export async function takeMessageTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: EntryOf<'message.received'>,
  savers: TurnSavers,
): Promise<TurnResult> {
  const { eventId, sender, text, originTime } = entry.body;
  const drafter = createDrafter(delivery, eventId);
  let turn: TurnOutput;
  try {
    turn = await deps.conversation.takeTurn(
      { kind: 'message', text, eventId: entry.id, sender, at: originTime },
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
  const cause = { requester: sender, replyTo: eventId, revision: await drafter.finish() };
  const commit = await turnCommit(deps, delivery, savers, turn, cause);
  return { ...commit, writes: [...savers.takeWrites(), ...commit.writes], outcome: turn.outcome };
}
