import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { closeApprovals } from '../approvals/close-approvals.ts';
import { openApprovalsOf } from '../approvals/open-approvals-of.ts';
import { forgetSession } from './forget-session.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** Forgets a conversation: its checkpoints and record go, what it asked for is withdrawn, and personal data is erased. */
export async function resetSession(deps: TurnDeps, delivery: Delivery, savers: TurnSavers): Promise<Commit> {
  const { partition, entry } = delivery;
  const own = await openApprovalsOf(deps, partition, entry.session);
  const closing = await closeApprovals(
    deps,
    delivery,
    savers,
    own.map(({ id }) => id),
    'cancelled',
  );
  const forgotten = await forgetSession(deps, { partition, session: entry.session }, savers);
  return {
    ...closing,
    writes: [...savers.takeWrites(), ...closing.writes, ...forgotten],
    outcome: 'reset',
  };
}
