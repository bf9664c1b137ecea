import type { Risk } from '#contract/approval';

export interface LoadOptions {
  /** User ids that decide where a policy names none: those of `REVIEWERS`. */
  readonly reviewers: readonly string[];
  /** What is registered in code, where it is known: other names are mistakes. */
  readonly code?: KnownNames;
}

export interface KnownNames {
  /** Tools with the risk that they declare, without those that vagent brings by itself and those over MCP. */
  readonly tools: ReadonlyMap<string, Risk>;
  readonly validators: ReadonlySet<string>;
  readonly verifiers: ReadonlySet<string>;
  /** JSON Schema of the arguments of tools: what steps give them is checked against it. */
  readonly schemas?: ReadonlyMap<string, object>;
}

/** What vagent asks reviewers by itself; `policies.yaml` may say who and how long. */
export const builtInTools = ['send_reply', 'hand_off', 'write_procedure', 'raise_budget'] as const;
