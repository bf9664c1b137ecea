import { signal } from '@preact/signals';
import type { z } from 'zod';
import type { Approval, DecisionKind } from '#contract/approval';
import type { LiveEvent } from '../../api/live.ts';
import type { decisionRequest } from '../../api/resources.ts';
import { ApiError, post } from '../api.ts';
import { codeOf } from '../canonical.ts';
import { tell } from '../components/toast.tsx';
import { shortId } from '../short-id.ts';

/** What became of a decision that was made here. */
export interface Sent {
  readonly decision: DecisionKind;
  /** `sent`: the gateway has it, the worker has not judged it. */
  readonly state: 'sending' | 'sent' | 'counted' | 'refused';
  /** What the worker or the gateway said. */
  readonly text: string;
}

export type Given = Pick<z.input<typeof decisionRequest>, 'decision' | 'text' | 'edit'>;

/** By the approval's id; kept while the console is open, whatever page is shown. */
export const sent = signal<ReadonlyMap<string, Sent>>(new Map());

/**
 * Sends a decision; resolves when the gateway has taken it (true) or refused it. What the worker says comes by the live
 * feed.
 */
export async function decide(approval: Approval, given: Given): Promise<boolean> {
  const { decision } = given;
  note(approval.id, { decision, state: 'sending', text: '' });
  try {
    const digests = approval.actions.map(({ digest }) => digest);
    const own = shortId();
    const body = { ...given, digests, decision_id: own };
    const path = `/api/v1/approvals/${approval.id}/decision`;
    const { decided } = await post<Approval>(path, body, { isRepeatable: true });
    // The live feed may have been quicker than the answer.
    if (sent.peek().get(approval.id)?.state !== 'sending') return true;
    if (decided.some(({ id }) => id.endsWith(own))) count(approval.id, decision);
    else note(approval.id, { decision, state: 'sent', text: '' });
    return true;
  } catch (error) {
    const text = error instanceof ApiError ? error.message : String(error);
    note(approval.id, { decision, state: 'refused', text });
    return false;
  }
}

/** After a gap in the live feed nobody knows what was said of what was sent: the approvals themselves tell. */
export function forgetSent(): void {
  sent.value = new Map([...sent.peek()].filter(([, { state }]) => state !== 'sent'));
}

/** Takes what the worker said of a decision. */
export function takeOutcome(event: LiveEvent): void {
  if (event.event !== 'approval_resolved') return;
  const own = sent.peek().get(event.approval);
  if (own === undefined || own.state === 'refused' || own.state === 'counted') return;
  const isCounted = event.notice === 'outcome' || event.notice === 'progress';
  if (isCounted) count(event.approval, own.decision);
  else note(event.approval, { ...own, state: 'refused', text: event.text });
}

function count(approval: string, decision: DecisionKind): void {
  note(approval, { decision, state: 'counted', text: '' });
  tell(`${codeOf(approval)}: your decision counts.`, 'good');
}

function note(approval: string, what: Sent): void {
  sent.value = new Map(sent.peek()).set(approval, what);
}
