import type { TurnOutput } from '#agents/conversation/turn';
import type { EntryOf } from '#contract/entry';
import { ModelError } from '#models/errors';
import type { Commit, Output } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { closeApprovals } from './close-approvals.ts';
import { createDrafter } from './drafter.ts';
import { ModelFailedError } from './errors.ts';
import { outputsOf } from './outputs.ts';
import { requestApprovals } from './request-approvals.ts';
import { sessionWrites } from './session-writes.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** A person wrote: answer, or ask reviewers and say that it waits. */
export async function takeMessageTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: EntryOf<'message.received'>,
  savers: TurnSavers,
): Promise<Commit> {
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
  const cause = { requester: sender, replyTo: eventId };
  const asked = await requestApprovals(deps, delivery, savers, turn.proposals, cause);
  const cancelled = await closeApprovals(deps, delivery, savers, turn.cancels, 'cancelled');
  const said = replyOutputs(delivery, entry, turn, await drafter.finish());
  return {
    outputs: [...said, ...asked.outputs, ...cancelled.outputs],
    writes: [...savers.takeWrites(), ...asked.writes, ...cancelled.writes, ...sessionWrites(deps, delivery)],
    audit: [...asked.audit, ...cancelled.audit],
    guards: cancelled.guards,
    outcome: turn.outcome,
  };
}

function replyOutputs(
  delivery: Delivery,
  { id, body }: EntryOf<'message.received'>,
  { reply, outcome, proposals }: TurnOutput,
  revision: number,
): Output[] {
  if (reply === undefined) return [];
  const output = outputsOf(delivery.entry);
  const replyTo = body.eventId;
  if (outcome !== 'waiting')
    return [output('reply.finished', 'reply', { reply: id, text: reply, replyTo, revision })];
  const approval = proposals[0]?.approval ?? null;
  return [output('turn.status', 'waiting', { state: 'waiting', replyTo, text: reply, approval })];
}
