import type { AgentStep, ToolOutcome } from '#agents/specialists/agent';
import type { Action } from '#contract/approval';
import type { Json } from '#contract/canonical-json';
import type { Sop } from '#playbook/agent-spec';
import type { KnownTool } from './tool-source.ts';
import type { Verifier } from './verifier.ts';

export interface ProcedureDeps {
  /** Undefined: nothing is to be followed, and only tools of low risk may run. */
  readonly sop: Sop | undefined;
  /** The tools that the agent may use. */
  readonly tools: ReadonlyMap<string, KnownTool>;
  readonly verifiers: ReadonlyMap<string, Verifier>;
  readonly callTool: (name: string, args: unknown, key: string) => Promise<ToolOutcome>;
  readonly request: string;
  /** Values that the person named, by the validator that read them. */
  readonly entities: Readonly<Record<string, readonly Json[]>>;
  readonly requester: string | undefined;
}

/** What became of a call that a model asked for. */
export interface Called {
  readonly status: ToolOutcome['status'];
  /** For the model: data of a tool, or why nothing ran. */
  readonly text: string;
  readonly data?: Json;
  /** The call itself was wrong: an unknown tool, wrong arguments. */
  readonly isMistake: boolean;
}

export interface ProcedureReport {
  /** Every step of the procedure, in its order, then what ran beside it. */
  readonly steps: readonly AgentStep[];
  readonly actions: readonly Action[];
  /** What tools told, in words for the person. */
  readonly findings: readonly string[];
  /** Why the procedure could not go on: sentences for the person. */
  readonly obstacles: readonly string[];
  /** Names of what is needed of the person for the steps that are due. */
  readonly missing: readonly string[];
}

/**
 * A procedure while it is followed. Code keeps its order: a step begins when all steps that it comes after have
 * passed, and has passed when its tool ran and its verifier says so, whatever anybody asks for.
 */
export interface Procedure {
  /** Takes all steps that are due and whose arguments are known; risky ones, which become proposals, if `risky`. */
  advance(options: { readonly risky: boolean }): Promise<void>;
  /** Does what a model asks for, or says why not. Nothing that a step forbids gets as far as the gate. */
  call(name: string, args: unknown): Promise<Called>;
  report(): ProcedureReport;
}
