import type { AgentTask } from '#agents/specialists/agent';
import type { Action } from '#contract/approval';
import type { MessageInput } from './turn.ts';

/** An approval that the conversation waits for. Plain JSON: it lives in the checkpoint. */
export interface PendingApproval {
  readonly id: string;
  readonly actions: readonly Action[];
  /** When it was asked for, ISO 8601. */
  readonly since: string;
  readonly purpose: Purpose;
}

/** What happens in the conversation when the approval has come to its end. */
export type Purpose =
  /** An agent asked for it; the person is told what came of it. */
  | { readonly kind: 'request' }
  /** A flow is parked under it and goes on. */
  | { readonly kind: 'flow' }
  /** A reply that a person reads before it goes out; a rejected one is written anew, `round` counts from 1. */
  | {
      readonly kind: 'draft';
      readonly tasks: readonly AgentTask[];
      /** What each of the tasks has come to; the reply was made of them. */
      readonly drafts?: readonly string[];
      readonly round: number;
    }
  /** A person is asked to answer, or to take over. */
  | { readonly kind: 'hand_off' }
  /** No procedure was found: the reviewer's words become one. */
  | { readonly kind: 'procedure'; readonly task: AgentTask }
  /** A budget is used up: the message is handled when it has been raised. */
  | { readonly kind: 'budget'; readonly message: MessageInput };
