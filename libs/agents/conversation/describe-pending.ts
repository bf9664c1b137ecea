import { describeActions } from '#agents/actions/describe-action';
import type { PendingApproval } from './pending-approval.ts';

/**
 * What waits for a reviewer, in words for the person, as part of a sentence. Their own request is named as it is; what the
 * desk asks its reviewers, such as a draft that nobody has read, is not theirs to read.
 */
export function describePending({ actions, purpose }: PendingApproval): string {
  switch (purpose.kind) {
    case 'request':
    case 'flow':
      return describeActions(actions);
    case 'draft':
      return 'an answer to you';
    case 'hand_off':
      return 'your request for a colleague';
    case 'procedure':
      return 'a question of mine about how to help you';
    case 'budget':
      return 'your last message';
    default:
      return purpose satisfies never;
  }
}
