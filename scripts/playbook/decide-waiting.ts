import type { MemorySaver } from '@langchain/langgraph';
import type { ActionDecision } from '#agents/actions/action-decision';
import type { ActionResult } from '#agents/actions/action-result';
import type { Permit } from '#agents/actions/permit';
import type { ActionFinishedInput, ActionOutcome } from '#agents/conversation/turn';
import type { Action } from '#contract/approval';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import type { DialogueStage } from './dialogue-stage.ts';
import type { Waiting } from './waiting-room.ts';

interface Decision {
  readonly turn: DialogueTurn;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  /** Of the fact that carries it. */
  readonly id: string;
}

interface Place {
  readonly stage: DialogueStage;
  readonly saver: MemorySaver;
  readonly signal: AbortSignal;
}

/**
 * Lets a reviewer decide: resumes the waiting thread, which runs what was allowed. Undefined where more reviewers have to
 * agree.
 *
 * @throws {Error} when the decision would not count.
 */
export async function decideWaiting(
  waiting: Waiting,
  decision: Decision,
  { stage, saver, signal }: Place,
): Promise<ActionFinishedInput | undefined> {
  const { turn, by, at, id } = decision;
  const { proposal, approvedBy, approvalThread, interrupt } = waiting;
  checkAllowed(waiting, decision);
  const decidedBy = [...approvedBy, by];
  if (turn.decide === 'approve' && decidedBy.length < proposal.policy.policy.quorum) {
    approvedBy.push(by);
    return undefined;
  }
  const actions = turn.decide === 'edit' ? editedActions(proposal.actions, turn, stage) : proposal.actions;
  const who = { by: decidedBy, at, event_id: id };
  const grant = { thread: approvalThread, saver, permit: singleUse(), signal };
  const results = await stage.actions.decide(interrupt, toDecision(turn, who, actions), grant);
  await saver.deleteThread(approvalThread);
  const outcome = outcomeOf(turn, results);
  const reason = turn.decide !== 'edit' && turn.text !== undefined ? { reason: turn.text } : {};
  return finishedOf(waiting, { outcome, actions, results, decidedBy, at, ...reason });
}

/** What the conversation is told when an approval has come to its end. */
export function finishedOf(
  { proposal }: Waiting,
  ended: Pick<ActionFinishedInput, 'outcome' | 'decidedBy' | 'at'> & Partial<ActionFinishedInput>,
): ActionFinishedInput {
  return { actions: proposal.actions, ...ended, kind: 'action_finished', approval: proposal.approval };
}

function checkAllowed({ proposal, requester, approvedBy }: Waiting, { turn, by }: Decision): void {
  const { policy } = proposal.policy;
  const refuse = (why: string): never => {
    throw new Error(`The decision does not count: ${why}`);
  };
  if (turn.decide === undefined || !proposal.decisions.includes(turn.decide)) {
    refuse(`this approval takes ${proposal.decisions.join(', ')}`);
  }
  if (!policy.reviewers.includes(by)) refuse(`${by} is not a reviewer of it`);
  if (policy.excludeRequester && by === requester) refuse('nobody decides on their own request');
  if (approvedBy.includes(by)) refuse(`${by} has approved it already`);
}

function editedActions(
  actions: readonly Action[],
  { args, text }: DialogueTurn,
  { tools }: DialogueStage,
): readonly Action[] {
  const [only, ...others] = actions;
  if (only === undefined || others.length > 0) throw new Error('Only a single action can be edited here');
  const checked = tools.check(only.name, args ?? { text });
  if (checked.ok) return [checked.action];
  const why =
    checked.reason === 'unknown_tool'
      ? 'no such tool'
      : checked.problems.map(({ message }) => message).join('; ');
  throw new Error(`The edit is refused: ${why}`);
}

function toDecision(
  { decide, text }: DialogueTurn,
  who: { by: string[]; at: string; event_id: string },
  actions: readonly Action[],
): ActionDecision {
  switch (decide) {
    case 'approve':
    case 'edit':
      return { decision: decide, ...who, actions: [...actions] };
    case 'respond':
      return { decision: 'respond', ...who, text: text ?? '' };
    case 'reject':
    case undefined:
      return { decision: 'reject', ...who, text: text ?? null };
    default:
      return decide satisfies never;
  }
}

function outcomeOf({ decide }: DialogueTurn, results: readonly ActionResult[]): ActionOutcome {
  if (decide === 'reject') return 'rejected';
  if (decide === 'respond') return 'responded';
  if (results.length === 0) return 'unknown';
  const worst = (['unknown', 'refused', 'failed'] as const).find((bad) =>
    results.some(({ status }) => status === bad),
  );
  return worst ?? 'done';
}

/** As the worker's permit, which is kept in Redis: every action starts once. */
function singleUse(): Permit {
  const started = new Set<number>();
  return {
    start: async (index) => {
      if (started.has(index)) return 'unknown';
      started.add(index);
      return 'go';
    },
  };
}
