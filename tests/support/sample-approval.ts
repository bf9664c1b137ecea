import { type Approval, type ApprovalPolicy, actionOf } from '#contract/approval';

/** An approval that waits for `@rita:localhost` to decide on deleting the records of project Apollo. */
export function sampleApproval(
  changes: Partial<Omit<Approval, 'policy'>> = {},
  policy: Partial<ApprovalPolicy> = {},
): Approval {
  return {
    id: 'A'.repeat(20),
    session: '!room:localhost:main:@ana:localhost',
    interrupt: 'i',
    thread: 't',
    turn: '$turn',
    requester: '@ana:localhost',
    replyTo: '$turn',
    reason: 'because',
    risk: 'medium',
    actions: [actionOf('delete_records', { project: 'Apollo' })],
    decisions: ['approve', 'edit', 'reject', 'respond'],
    context: '',
    policy: {
      reviewers: ['@rita:localhost'],
      quorum: 1,
      excludeRequester: true,
      minPowerLevel: null,
      reminders: [],
      escalateTo: null,
      onExpiry: 'reject',
      ...policy,
    },
    requestedAt: '2026-01-01T12:00:00.000Z',
    expiresAt: '2026-01-01T13:00:00.000Z',
    status: 'pending',
    decided: [],
    ...changes,
  };
}
