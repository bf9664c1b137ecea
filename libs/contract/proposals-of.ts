import { approvalIdOf } from './approval.ts';

/** A turn asks for a handful of approvals at most. */
const mostProposals = 8;

/** The ids that the approvals of a turn would have: those that exist are found without a list of them. */
export function proposalsOf(session: string, turn: string): readonly string[] {
  return Array.from({ length: mostProposals }, (_, index) =>
    approvalIdOf(session, turn, `proposal:${index}`),
  );
}
