import type { Spender } from '#agents/budgets/budgets';
import type { Subject } from '#agents/memory/memory';
import type { AgentTask } from '#agents/specialists/agent';
import type { Analysis } from '#dialogue/understanding/understanding';
import type { TokenUsage } from '#models/chat-model';
import type { GivenFile } from '#models/given-file';
import type { Message } from '#models/message';
import type { OpenAccount } from './account.ts';
import type { Desk } from './desk.ts';
import type { PendingApproval } from './pending-approval.ts';
import type { Procedures } from './procedures.ts';
import type { Situation } from './situation.ts';
import type { Later, Notice, Proposal } from './turn.ts';

/** A turn while it is worked on: what it starts from, and what it has come to so far. Gone when the turn ends. */
export interface OpenTurn {
  /** Seeds the ids of approvals and the keys of side effects: the same when the turn runs again. */
  readonly id: string;
  readonly session: string;
  readonly spender: Spender;
  readonly subject: Subject;
  /** ISO 8601. */
  readonly at: string;
  readonly desk: Desk;
  readonly procedures: Procedures;
  readonly signal: AbortSignal;
  readonly onDraft: (text: string, agent: string | null) => void;
  readonly history: readonly Message[];
  /** What came with the message, for this turn alone. */
  readonly files: readonly GivenFile[];
  /** What the person wrote in this very turn, for the history; empty where the turn began with something else. */
  readonly heard: string;
  /** The agent that the person means, where one is named that there is. */
  readonly toAgent: string | undefined;
  /** What it is about, in the person's words: of this turn, or of the one that something was asked in. */
  said: string;
  analysis: Analysis;
  /** What the security protocol found. */
  findings: string;
  situation: Situation;
  pending: readonly PendingApproval[];
  /** For the agents that the graph runs next. */
  readonly tasks: AgentTask[];
  /** Round of review that the tasks are in, counted from 1. */
  round: number;
  /** Whether the person said that they were helped; null where they did not say. */
  solved: boolean | null;
  /** The one agent whose words the reply is: decided before its first draft, see `soleSpeaker`. Null: the bot itself. */
  speaker: string | null;
  /** The parts of the reply, in order. */
  readonly texts: string[];
  /** What is waited for, said at the end of the reply. */
  readonly waits: string[];
  readonly proposals: Proposal[];
  readonly cancels: string[];
  readonly notices: Notice[];
  readonly later: Later[];
  readonly usage: TokenUsage[];
  /** How it goes, for the record of the turn. */
  readonly account: OpenAccount;
  /** Calls of tools. */
  steps: number;
}

export const calm: Analysis = {
  topics: [],
  urgency: 'normal',
  tone: 'neutral',
  sensitivity: { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] },
};
