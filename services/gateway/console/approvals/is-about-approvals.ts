import type { LiveEvent } from '../../api/live.ts';

/** Whether lists of approvals may look different after it. */
export function isAboutApprovals({ event }: LiveEvent): boolean {
  return event === 'approval' || event === 'approval_resolved' || event === 'decision';
}
