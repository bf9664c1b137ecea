import type { ApprovalStatus, Risk } from '#contract/approval';
import { Badge, type Tone } from '../components/badge.tsx';

const words: Readonly<Record<ApprovalStatus, readonly [string, Tone]>> = {
  pending: ['waits', 'accent'],
  approved: ['approved', 'good'],
  edited: ['edited and approved', 'good'],
  rejected: ['rejected', 'bad'],
  responded: ['answered', 'accent'],
  expired: ['expired', 'warn'],
  cancelled: ['withdrawn', 'neutral'],
};

export function StatusBadge({ status }: { status: ApprovalStatus }) {
  const [word, tone] = words[status];
  return <Badge tone={tone}>{word}</Badge>;
}

export function RiskBadge({ risk }: { risk: Risk }) {
  return <Badge tone={risk === 'high' ? 'bad' : risk === 'medium' ? 'warn' : 'neutral'}>{risk} risk</Badge>;
}
