import type { EntryOf } from '#contract/entry';
import type { Delivery } from '#streams/delivery';
import type { TurnResult } from './record-turn.ts';
import { tellConversation } from './tell-conversation.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** Somebody said over HTTP whether they were helped: the conversation closes, or opens again. */
export async function takeFeedbackTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: EntryOf<'feedback.given'>,
  savers: TurnSavers,
): Promise<TurnResult> {
  const { solved, comment } = entry.body;
  const happened = { kind: 'feedback', id: entry.id, solved, comment, at: entry.at } as const;
  const commit = await tellConversation(deps, delivery, savers, happened, null);
  return { ...commit, writes: [...savers.takeWrites(), ...commit.writes], outcome: 'feedback' };
}
