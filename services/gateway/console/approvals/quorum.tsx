import type { Approval } from '#contract/approval';
import { nameOf } from '../canonical.ts';
import { Badge } from '../components/badge.tsx';

/** "1 of 2": how many have agreed, where more than one has to. */
export function Quorum({ approval }: { approval: Approval }) {
  const { quorum } = approval.policy;
  if (quorum === 1) return null;
  const agreed = approval.decided.filter(({ decision }) => decision === 'approve');
  const by = agreed.map((one) => nameOf(one.by)).join(', ');
  return (
    <Badge tone={agreed.length > 0 ? 'accent' : 'neutral'}>
      {agreed.length} of {quorum}
      {by === '' ? '' : ` · ${by}`}
    </Badge>
  );
}
