import type { Action } from '#contract/approval';
import type { Json } from '#contract/canonical-json';
import type { Analysis } from '#dialogue/understanding/understanding';
import type { TokenUsage } from '#models/chat-model';
import type { GivenFile } from '#models/given-file';
import type { Message } from '#models/message';

/** One topic of a message, for one agent. Plain JSON: it may wait in a checkpoint for a reviewer. */
export interface AgentTask {
  /** The same when the turn runs again. */
  readonly id: string;
  /** The agent's id. */
  readonly agent: string;
  /** What the person wrote about it. */
  readonly request: string;
  readonly analysis: Analysis;
  /** What the security protocol found, Markdown; empty where it did not run. */
  readonly findings: string;
  /** The agent's own draft that a reviewer rejected, and why. */
  readonly rejected: { readonly draft: string; readonly reason: string } | null;
  /** Matrix user id of the person who asks. */
  readonly requester?: string | undefined;
  /** A procedure that a reviewer wrote because none was found. */
  readonly procedure: string | null;
}

export type ToolOutcome =
  | { readonly status: 'done'; readonly text: string; readonly data: Json }
  /** Of medium or high risk: it is put to the reviewers when the turn ends. */
  | { readonly status: 'proposed'; readonly action: Action }
  /** Not on this agent's or room's list, wrong arguments, a step out of order: it never ran. */
  | { readonly status: 'refused'; readonly text: string }
  | { readonly status: 'failed'; readonly text: string };

/** What an agent may use while it works. */
export interface AgentRun {
  readonly history: readonly Message[];
  /** What came with the message. */
  readonly files?: readonly GivenFile[];
  /** What is remembered of the person and their organisation, one fact each. */
  readonly memories: readonly string[];
  /** The gate: the only way to a tool. `key` tells the calls of one task apart, the same when it runs again. */
  readonly callTool: (name: string, args: unknown, key: string) => Promise<ToolOutcome>;
  /** Is given the whole draft so far. */
  readonly onDraft: (text: string) => void;
  readonly onUsage: (usage: TokenUsage) => void;
  readonly signal: AbortSignal;
}

/** What was done for a task, step by step: shown to reviewers and in the record of the turn. */
export interface AgentStep {
  readonly id: string;
  readonly tool: string | null;
  readonly status: 'passed' | 'failed' | 'proposed' | 'refused' | 'skipped';
  readonly text: string;
}

export type AgentResult = {
  readonly agent: string;
  readonly steps: readonly AgentStep[];
  /** One paragraph for a person who takes over, and for the reviewers. */
  readonly summary: string;
} & (
  | {
      readonly status: 'drafted';
      /** Markdown. */
      readonly draft: string;
      /** Actions of medium or high risk, to be put to the reviewers. */
      readonly actions: readonly Action[];
      /** Names of SOPs and passages that it went by. */
      readonly sources: readonly string[];
    }
  /** No procedure was found for what the person wants done. */
  | { readonly status: 'needs_procedure' }
  | { readonly status: 'needs_person' }
);

/**
 * A specialist. Structured results, one small interface: adding one is a file in the playbook.
 *
 * @throws {ModelError} when a model was needed and gave nothing usable.
 */
export interface Agent {
  readonly id: string;
  readonly description: string;
  work(task: AgentTask, run: AgentRun): Promise<AgentResult>;
}

/** All agents of a playbook, by id. */
export interface Agents {
  get(id: string): Agent | undefined;
  ids(): readonly string[];
}
