import type { ActionFinishedInput, CheckInput, FeedbackInput, PersonInput } from '#agents/conversation/turn';
import { parseSessionId } from '#contract/session-id';
import { ModelError } from '#models/errors';
import type { Delivery } from '#streams/delivery';
import { ModelFailedError } from '../errors.ts';
import { type Told, turnCommit } from './turn-commit.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** Tells the conversation what has happened outside of it; the saver's writes are the caller's to take. */
export async function tellConversation(
  deps: TurnDeps,
  delivery: Delivery,
  savers: TurnSavers,
  happened: ActionFinishedInput | CheckInput | FeedbackInput | PersonInput,
  replyTo: string | null,
): Promise<Told> {
  const { session } = delivery.entry;
  try {
    const turn = await deps.conversation.takeTurn(happened, {
      thread: session,
      saver: savers.conversation,
      signal: delivery.signal,
      onDraft: () => undefined,
    });
    const requester = parseSessionId(session)?.user ?? '';
    return await turnCommit(deps, delivery, savers, turn, { requester, replyTo, revision: 0 });
  } catch (error) {
    throw error instanceof ModelError ? new ModelFailedError(error) : error;
  }
}
