import { builtIn } from '#agents/conversation/ask-person';
import { asksToTakeOver } from '#agents/conversation/relay';
import type { Approval, ApprovalStatus, CountedDecision } from '#contract/approval';
import type { EntryOf } from '#contract/entry';
import { decidersOf } from './deciders-of.ts';

export type Verdict =
  /** It does not count, and the approval stays as it is. `text` is told to whoever decided. */
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'already_decided'; readonly text: string }
  /** Not a decision: a person who took the conversation over speaks to the user. */
  | { readonly kind: 'word'; readonly text: string }
  /** It counts, but more approvals are needed. */
  | { readonly kind: 'progress'; readonly decided: readonly CountedDecision[]; readonly text: string }
  | { readonly kind: 'final'; readonly status: ApprovalStatus; readonly decided: readonly CountedDecision[] };

const statusOf = { approve: 'approved', edit: 'edited', reject: 'rejected', respond: 'responded' } as const;

/** How a decision that is over is told. */
const overWords: Record<Exclude<ApprovalStatus, 'pending'>, string> = {
  approved: 'approved',
  edited: 'edited and approved',
  rejected: 'rejected',
  responded: 'answered',
  expired: 'expired',
  cancelled: 'withdrawn by the person who asked',
};

export interface JudgeContext {
  /**
   * When the decision reached the stream, by Redis' clock in milliseconds: a worker that was away changes nothing
   * about a decision that came in time.
   */
  readonly decidedAt: number;
  /**
   * The only room, beside the one that the approval was escalated to, from which a Matrix event may decide; null where it
   * was upgraded and may not be followed: then no event in it decides.
   */
  readonly adminRoom: string | null;
  /** Where the room of `policy.escalateTo` goes on now; null where there is none, or where nothing may follow it. */
  readonly escalationRoom: string | null;
  /** The prompt in the room was too long to show everything that would be run. */
  readonly hasHiddenParts: boolean;
}

/** Whether a decision counts, by the record alone; fails closed. */
export function judgeDecision(
  record: Approval,
  entry: EntryOf<'approval.decided'>,
  context: JudgeContext,
): Verdict {
  const { body } = entry;
  const word = wordOfTakeover(record, entry, context);
  if (word !== undefined) return { kind: 'word', text: word };
  if (record.status !== 'pending') {
    return {
      kind: 'already_decided',
      text: `already decided${byDeciders(record)}: ${overWords[record.status]}`,
    };
  }
  const obstacle = obstacleTo(record, entry, context);
  if (obstacle !== undefined) return { kind: 'refused', text: obstacle };
  const counted: CountedDecision = { decision: body.decision, by: body.by, at: body.at, id: entry.id };
  if (body.decision !== 'approve') {
    return { kind: 'final', status: statusOf[body.decision], decided: [...record.decided, counted] };
  }
  if (record.decided.some(({ by }) => by === body.by)) {
    return { kind: 'refused', text: 'you have approved this already; another reviewer has to agree' };
  }
  const decided = [...record.decided, counted];
  if (decided.length >= record.policy.quorum) return { kind: 'final', status: 'approved', decided };
  return { kind: 'progress', decided, text: `${decided.length} of ${record.policy.quorum} approvals` };
}

/**
 * Under a hand-off that was approved, words of an allowed reviewer are for the user. Under any prompt, "take over" asks
 * for the conversation.
 */
function wordOfTakeover(
  { actions, status, policy, session: asked }: Approval,
  { session, body }: EntryOf<'approval.decided'>,
  { adminRoom, escalationRoom }: JudgeContext,
): string | undefined {
  const text = body.text?.trim() ?? '';
  const isTakenOver = status === 'approved' && actions.every(({ name }) => name === builtIn.handOff);
  const isWord = isTakenOver ? text !== '' : asksToTakeOver(text);
  if (!isWord || session !== asked || body.decision !== 'respond') return undefined;
  if (!policy.reviewers.includes(body.by)) return undefined;
  const isInRightRoom = body.room !== null && [adminRoom, escalationRoom].includes(body.room);
  return isFromMatrix(body.via) && !isInRightRoom ? undefined : text;
}

function obstacleTo(
  record: Approval,
  { session, body }: EntryOf<'approval.decided'>,
  { decidedAt, adminRoom, escalationRoom, hasHiddenParts }: JudgeContext,
): string | undefined {
  const { policy } = record;
  if (record.session !== session) return 'this approval belongs to another conversation';
  if (decidedAt > Date.parse(record.expiresAt)) return 'too late: the approval had expired';
  if (!policy.reviewers.includes(body.by)) return 'you are not a reviewer of this action';
  if (policy.excludeRequester && body.by === record.requester)
    return 'nobody may decide on their own request';
  const isInRightRoom = body.room !== null && [adminRoom, escalationRoom].includes(body.room);
  if (isFromMatrix(body.via) && !isInRightRoom) {
    return 'decisions count in the admin room only';
  }
  if (policy.minPowerLevel !== null && (body.powerLevel ?? Number.NEGATIVE_INFINITY) < policy.minPowerLevel) {
    return `this action needs a power level of ${policy.minPowerLevel} in the admin room`;
  }
  if (!record.decisions.includes(body.decision)) return `this approval does not take "${body.decision}"`;
  if (body.via === 'reaction' && record.risk === 'high') {
    return 'a reaction is too easily a slip, and never encrypted: for an action of high risk answer in words, with the code';
  }
  if (isFromMatrix(body.via) && record.risk === 'high' && hasHiddenParts) {
    return 'the prompt cannot show these arguments in full: decide where they can be read, e.g. by "vagent approvals"';
  }
  if (body.decision === 'edit' && policy.quorum > 1) {
    return 'an edit would change what others agreed to: reject it and have it asked anew';
  }
  if (body.decision === 'respond' && (body.text ?? '').trim() === '') return 'the answer is empty';
  return undefined;
}

function isFromMatrix(via: EntryOf<'approval.decided'>['body']['via']): boolean {
  return via === 'reaction' || via === 'reply' || via === 'command';
}

function byDeciders(record: Approval): string {
  const by = decidersOf(record);
  return by.length > 0 ? ` by ${by.join(' and ')}` : '';
}
