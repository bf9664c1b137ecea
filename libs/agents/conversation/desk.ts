import type { Budgets } from '#agents/budgets/budgets';
import type { Flags } from '#agents/flags/flags';
import type { Memory } from '#agents/memory/memory';
import type { DraftCheck } from '#agents/review/create-draft-check';
import type { SecurityProtocol } from '#agents/security/create-security-protocol';
import type { Agents } from '#agents/specialists/agent';
import type { Gate } from '#agents/tools/create-gate';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { Dialogue } from '#dialogue/flows/dialogue';
import type { Understand } from '#dialogue/understanding/understanding';
import type { Answer } from '#models/answer';
import type { Switches } from '#operations/switches/switch';
import type { Playbook } from '#playbook/playbook';
import type { ToolPolicy } from '#playbook/policies';

/** Everything that a conversation thinks with: one version of a playbook, compiled. */
export interface Desk {
  readonly playbook: Playbook;
  readonly understand: Understand;
  readonly dialogue: Dialogue;
  readonly answer: Answer;
  /** Whether the knowledge holds an answer to a question that no agent is for. */
  readonly knows: (question: string) => boolean;
  readonly agents: Agents;
  readonly gate: Gate;
  /** What may run when reviewers allow it. */
  readonly tools: ToolRegistry;
  readonly flags: Flags;
  readonly memory: Memory;
  readonly budgets: Budgets;
  /** What operators have switched off. */
  readonly switches: Pick<Switches, 'off'>;
  /** Whether understanding and answering cost tokens. */
  readonly usesModel: boolean;
  /** Whether that model takes images; not where it is left out. */
  readonly takesImages?: boolean;
  /** @throws {TypeError} for a tool that the playbook does not name. */
  readonly policyOf: (tool: string) => ToolPolicy;
  readonly checkDraft: DraftCheck;
  readonly secure: SecurityProtocol;
}

export interface Desks {
  /** The newest version. */
  current(): Desk;
  /** A version that a session began with; undefined where it is lost. */
  find(version: string): Promise<Desk | undefined>;
}
