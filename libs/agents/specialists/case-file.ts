import type { Procedure } from '#agents/sops/procedure';
import type { KnownTool } from '#agents/sops/tool-source';
import type { AgentSpec, Sop } from '#playbook/agent-spec';
import type { Passage } from '#playbook/playbook';
import type { AgentRun, AgentTask } from './agent.ts';
import type { RequestKind } from './request-kind.ts';

/** All that an agent has before it while it works on one task. */
export interface CaseFile {
  readonly spec: AgentSpec;
  readonly task: AgentTask;
  readonly run: AgentRun;
  /** What of the message is for this agent. */
  readonly focus: string;
  readonly kind: RequestKind;
  readonly sop: Sop | undefined;
  /** Passages that hold an answer, best first. */
  readonly passages: readonly Passage[];
  /** Titles of what comes near where no passage holds an answer. */
  readonly near: readonly string[];
  readonly tools: ReadonlyMap<string, KnownTool>;
  readonly procedure: Procedure;
}

/** What whoever writes has come to. */
export type Written =
  | { readonly kind: 'draft'; readonly text: string }
  /** Nothing that could be sent: a person has to; `why` is for them. */
  | { readonly kind: 'stuck'; readonly why: string };

/** Works a case to its draft: by rules, or with a model. @throws {ModelError} */
export type WriteDraft = (file: CaseFile) => Promise<Written>;
