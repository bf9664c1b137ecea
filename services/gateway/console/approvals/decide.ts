import { signal } from '@preact/signals';
import type { z } from 'zod';
import type { Approval, DecisionKind } from '#contract/approval';
import type { LiveEvent } from '../../api/live.ts';
import type { decisionRequest } from '../../api/resources.ts';
import { ApiError, post } from '../api.ts';
import { codeOf } from '../canonical.ts';
import { tell } from '../components/toast.tsx';

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

/** Sends a decision; resolves when the gateway has taken or refused it. What the worker says comes by the live feed. */
export async function decide(approval: Approval, given: Given): Promise<void> {
  const { decision } = given;
  note(approval.id, { decision, state: 'sending', text: '' });
  try {
    const digests = approval.actions.map(({ digest }) => digest);
    const body = { ...given, digests, decision_id: crypto.randomUUID() };
    await post(`/api/v1/approvals/${approval.id}/decision`, body, { isRepeatable: true });
    // The worker may have been quicker than the answer.
    if (sent.peek().get(approval.id)?.state !== 'sending') return;
    note(approval.id, { decision, state: 'sent', text: '' });
  } catch (error) {
    const text = error instanceof ApiError ? error.message : String(error);
    note(approval.id, { decision, state: 'refused', text });
  }
}

/** Takes what the worker said of a decision. */
export function takeOutcome(event: LiveEvent): void {
  if (event.event !== 'approval_resolved') return;
  const own = sent.peek().get(event.approval);
  if (own === undefined || own.state === 'refused' || own.state === 'counted') return;
  const isCounted = event.notice === 'outcome' || event.notice === 'progress';
  note(event.approval, { ...own, state: isCounted ? 'counted' : 'refused', text: event.text });
  if (isCounted) tell(`${codeOf(event.approval)}: your decision counts.`, 'good');
}

function note(approval: string, what: Sent): void {
  sent.value = new Map(sent.peek()).set(approval, what);
}
