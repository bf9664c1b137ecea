import type { Approval, ApprovalStatus, CountedDecision } from '#contract/approval';

const endedBy: Record<ApprovalStatus, CountedDecision['decision'] | undefined> = {
  approved: 'approve',
  edited: 'edit',
  rejected: 'reject',
  responded: 'respond',
  pending: undefined,
  expired: undefined,
  cancelled: undefined,
};

/** Who brought an approval to its end, each once: of a rejected one not those who had approved it, of an expired one nobody. */
export function decidersOf({ status, decided }: Pick<Approval, 'status' | 'decided'>): string[] {
  const own = decided.filter(({ decision }) => decision === endedBy[status]);
  return [...new Set(own.map(({ by }) => by))];
}
