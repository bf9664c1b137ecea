import type { ActionResult } from '#agents/actions/action-result';
import type { Action, DecisionKind } from '#contract/approval';
import type { LaterCheck } from '#dialogue/flows/dialogue';
import type { GivenFile } from '#models/given-file';
import type { ToolPolicy } from '#playbook/policies';
import type { TurnAccount } from './account.ts';
import type { Situation } from './situation.ts';

/** What a turn of the conversation starts from. Exactly one of these is given to the conversation graph. */
export type TurnInput = MessageInput | ActionFinishedInput | CheckInput | PersonInput | FeedbackInput;

export interface MessageInput {
  readonly kind: 'message';
  readonly text: string;
  /** What was sent along; without text it may be all that there is. */
  readonly files?: readonly GivenFile[];
  /** The fact's id: the Matrix event id, or the id that the API gave it. */
  readonly eventId: string;
  readonly sender: string;
  /** ISO 8601. */
  readonly at: string;
  /** The agent that the person means, by the name under which it speaks. */
  readonly toAgent?: string;
}

export type ActionOutcome =
  | 'done'
  | 'rejected'
  | 'responded'
  | 'expired'
  | 'refused'
  | 'failed'
  | 'unknown'
  | 'cancelled';

/** An approval of this conversation has come to its end. */
export interface ActionFinishedInput {
  readonly kind: 'action_finished';
  readonly approval: string;
  readonly outcome: ActionOutcome;
  /** The actions as they were run or refused: after an edit, the edited ones. */
  readonly actions: readonly Action[];
  /** One for each action, where the action graph got as far as running. */
  readonly results?: readonly ActionResult[];
  /** User ids of the reviewers whose decisions counted. */
  readonly decidedBy: readonly string[];
  /** Why, on a reject or a refusal; the answer itself, on a respond. */
  readonly reason?: string;
  /** ISO 8601. */
  readonly at: string;
}

/** The time has come to look whether what a flow did has held. */
export interface CheckInput {
  readonly kind: 'check';
  /** The timer's id. */
  readonly id: string;
  readonly check: LaterCheck;
  /** ISO 8601. */
  readonly at: string;
}

/** Somebody says whether they were helped, other than in words. */
export interface FeedbackInput {
  readonly kind: 'feedback';
  /** The fact's id. */
  readonly id: string;
  readonly solved: boolean;
  readonly comment: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A person who was asked to take over writes under the prompt. */
export interface PersonInput {
  readonly kind: 'person';
  /** The fact's id. */
  readonly id: string;
  readonly approval: string;
  readonly by: string;
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Exact actions that must not run before a reviewer agrees. All are of one tool, thus of one policy. */
export interface Proposal {
  /** The approval's id: the same when the same turn runs again. */
  readonly approval: string;
  readonly actions: readonly Action[];
  readonly reason: string;
  /** What the reviewer should know beside the action: the message it came from, what was found out. */
  readonly context: string;
  /** Who decides, and until when. */
  readonly policy: ToolPolicy;
  readonly decisions: readonly DecisionKind[];
}

/** What the admin room is told without being asked. */
export interface Notice {
  /** Tells the notices of a turn apart. */
  readonly name: string;
  /** Markdown. */
  readonly text: string;
  /** The approval whose prompt it belongs under; null for the room itself. */
  readonly approval: string | null;
}

/** Something to look at later. */
export interface Later {
  /** The same when the turn runs again. */
  readonly timer: string;
  readonly afterSeconds: number;
  readonly check: LaterCheck;
}

export interface TurnOutput {
  /** Markdown for the conversation. With outcome `waiting` it is a status: the reply proper comes later. */
  readonly reply?: string;
  /** Whose words the reply is, where one agent answered; else the bot itself speaks. */
  readonly agent?: string;
  readonly proposals: readonly Proposal[];
  /** Ids of approvals that the person withdrew. */
  readonly cancels: readonly string[];
  readonly notices: readonly Notice[];
  readonly later: readonly Later[];
  /** Where the conversation stands now, for people who look. */
  readonly situation: Situation;
  readonly outcome: 'replied' | 'waiting' | 'no_reply';
  /** How it came about, for the record of the turn. */
  readonly account: TurnAccount;
}
