import { describePending } from './describe-pending.ts';
import type { OpenTurn } from './open-turn.ts';

/** Withdraws everything that waits for a reviewer, and the flows that are parked under it; says so. */
export function withdraw(turn: OpenTurn): string {
  const withdrawn = turn.pending.map(describePending);
  turn.cancels.push(...turn.pending.map(({ id }) => id));
  turn.pending = [];
  turn.proposals.length = 0;
  turn.waits.length = 0;
  const { dialogue } = turn.situation;
  turn.situation = { ...turn.situation, dialogue: { ...dialogue, parked: [] } };
  return withdrawn.length === 0
    ? 'Nothing of yours is waiting for approval, so there is nothing to cancel.'
    : `Cancelled: ${new Intl.ListFormat('en').format(withdrawn)}. Nothing was run.`;
}
