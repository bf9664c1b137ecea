import type { ActionFinishedInput } from '#agents/conversation/turn';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { outputsOf } from './outputs.ts';
import { sessionWrites } from './session-writes.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** Lets the conversation say what became of an action; the saver's writes are the caller's to take. */
export async function reportAction(
  deps: TurnDeps,
  delivery: Delivery,
  savers: TurnSavers,
  finished: ActionFinishedInput,
  replyTo: string | null,
): Promise<Required<Pick<Commit, 'outputs' | 'writes'>>> {
  const { reply } = await deps.conversation.takeTurn(finished, {
    thread: delivery.entry.session,
    saver: savers.conversation,
    signal: delivery.signal,
    onDraft: () => undefined,
  });
  const body = { reply: delivery.entry.id, text: reply ?? '', replyTo, revision: 0 };
  return {
    outputs: reply === undefined ? [] : [outputsOf(delivery.entry)('reply.finished', 'reply', body)],
    writes: sessionWrites(deps, delivery),
  };
}
