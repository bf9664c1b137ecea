import type { Mutant } from './mutant.ts';

const judge = 'services/worker/approvals/judge-decision.ts';
const judgeTest = 'services/worker/approvals/judge-decision.test.ts';
const actions = 'libs/agents/actions';

/** Of decisions, and of what runs because of them. */
export const approvalsMutants: readonly Mutant[] = [
  {
    name: 'resume-without-id',
    breaks: 'a decision answers whatever question the thread waits on, or none',
    edits: [
      {
        file: `${actions}/build-action-graph.ts`,
        find: 'if ((await waitingOn(saver, thread)) !== interruptId) {',
        replace: 'if (false) {',
      },
      {
        file: `${actions}/build-action-graph.ts`,
        find: 'resume: { [interruptId]: actionDecision.parse(decision) },',
        replace: 'resume: actionDecision.parse(decision),',
      },
    ],
    test: `${actions}/build-action-graph.test.ts`,
    title: 'buildActionGraph refuses .* interrupt',
  },
  {
    name: 'digest-not-compared',
    breaks: 'what runs need not be what the reviewers were asked about',
    edits: [
      {
        file: `${actions}/run-actions.ts`,
        find: "decision.decision === 'approve' && action.digest !== question.digest",
        replace: 'false',
      },
    ],
    test: `${actions}/build-action-graph.test.ts`,
    title: 'buildActionGraph refuses',
  },
  {
    name: 'empty-list-approves',
    breaks: 'where no reviewers are named, everybody is one',
    edits: [
      {
        file: judge,
        find: "if (!policy.reviewers.includes(body.by)) return 'you are not",
        replace:
          "if (policy.reviewers.length > 0 && !policy.reviewers.includes(body.by)) return 'you are not",
      },
    ],
    test: judgeTest,
    title: 'judgeDecision T1, T2',
  },
  {
    name: 'one-person-is-a-quorum',
    breaks: 'one reviewer counts as often as they approve',
    edits: [
      {
        file: judge,
        find: 'if (record.decided.some(({ by }) => by === body.by)) {',
        replace: 'if (false) {',
      },
    ],
    test: judgeTest,
    title: 'judgeDecision .* quorum',
  },
  {
    name: 'requester-decides',
    breaks: 'the policy that keeps requesters from deciding on their own requests does nothing',
    edits: [
      {
        file: judge,
        find: 'if (policy.excludeRequester && body.by === record.requester)',
        replace: 'if (false)',
      },
    ],
    test: judgeTest,
    title: 'judgeDecision T1, T2',
  },
  {
    name: 'decided-in-any-room',
    breaks: 'a decision counts wherever it is made',
    edits: [
      { file: judge, find: 'if (isFromMatrix(body.via) && !isInRightRoom) {', replace: 'if (false) {' },
    ],
    test: judgeTest,
    title: 'judgeDecision T1, T2',
  },
  {
    name: 'late-decision-counts',
    breaks: 'a decision counts after the approval has expired',
    edits: [{ file: judge, find: 'if (decidedAt > Date.parse(record.expiresAt))', replace: 'if (false)' }],
    test: judgeTest,
    title: 'judgeDecision .* deadline',
  },
  {
    name: 'permit-used-again',
    breaks: 'an action whose fate is unknown runs again',
    edits: [
      {
        file: 'services/worker/approvals/permit-of.ts',
        find: "if (known === 'started') return 'unknown';",
        replace: "if (known === 'started') return 'go';",
      },
    ],
    test: 'tests/integration/worker-turns.test.ts',
    title: 'never repeats any other tool',
  },
];
