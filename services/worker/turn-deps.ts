import type { Logger } from 'pino';
import type { ActionGraph } from '#agents/build-action-graph';
import type { ConversationGraph } from '#agents/build-conversation-graph';
import type { ToolRegistry } from '#agents/tool-registry';
import type { ApprovalPolicy, Risk } from '#contract/approval';
import type { RecordDeps } from './approval-record.ts';
import type { TurnSavers } from './turn-savers.ts';

/** What the playbook says about asking for a tool. */
export interface ToolPolicy {
  readonly risk: Risk;
  readonly policy: ApprovalPolicy;
  /** Seconds until an unanswered approval expires. */
  readonly expiresInSeconds: number;
}

export interface TurnDeps extends RecordDeps {
  readonly conversation: ConversationGraph;
  readonly actions: ActionGraph;
  readonly tools: ToolRegistry;
  readonly policyOf: (tool: string) => ToolPolicy;
  readonly saversFor: (partition: number) => TurnSavers;
  readonly adminRoom: string;
  readonly sessionTtlMs: number;
  readonly log: Logger;
}
