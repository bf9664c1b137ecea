import { type Approval, approvalCodeOf } from '#contract/approval';
import type { Body } from '#contract/bodies';
import { ConflictError, ForbiddenError } from '#operations/errors';
import { newTrace } from '#runtime/trace';
import type { Transport } from '#streams/open-transport';

export interface GivenDecision extends Pick<Body<'approval.decided'>, 'decision' | 'text' | 'edit' | 'by'> {
  readonly via: 'console' | 'api' | 'cli';
  /** The same when the same decision is sent again: it counts once. */
  readonly id: string;
}

/**
 * Sends a decision on its way to the worker, which judges it in the order of the conversation. What is plain to see from
 * here is refused at once.
 *
 * @throws {ForbiddenError} for somebody who is no reviewer of it, {@link ConflictError} where it is decided already.
 */
export async function decideApproval(
  { publisher }: Pick<Transport, 'publisher'>,
  record: Approval,
  { decision, text, edit, by, via, id }: GivenDecision,
): Promise<void> {
  const code = approvalCodeOf(record.id);
  if (!record.policy.reviewers.includes(by)) {
    const reviewers = record.policy.reviewers.join(', ') || 'it has none';
    throw new ForbiddenError(`${by} is not a reviewer of approval ${code}: ${reviewers}`);
  }
  if (record.status !== 'pending' && !isWordToUser(record, decision)) {
    const deciders = [...new Set(record.decided.map((decided) => decided.by))];
    const byWhom = deciders.length === 0 ? '' : ` by ${deciders.join(' and ')}`;
    throw new ConflictError(`Approval ${code} is already decided${byWhom}: ${record.status}`);
  }
  const at = new Date().toISOString();
  const body = { approval: record.id, decision, by, at, via, text, edit };
  await publisher.publish('inbound', {
    type: 'approval.decided',
    id,
    session: record.session,
    at,
    trace: newTrace(),
    body: { ...body, eventId: null, room: null, powerLevel: null },
  });
}

/**
 * Whether it is no decision any more: who has taken a conversation over (an approved `hand_off`) speaks to its user, in
 * the order of the conversation.
 */
export function isWordToUser({ status, actions }: Approval, decision: GivenDecision['decision']): boolean {
  return decision === 'respond' && status === 'approved' && actions.every(({ name }) => name === 'hand_off');
}
