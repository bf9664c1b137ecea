import type { ToolDescription } from '#agents/tools/tool-registry';
import type { Risk } from '#contract/approval';

/** What a model and a procedure may know of a tool. A tool registry is one. */
export interface ToolSource {
  get(name: string): { readonly risk: Risk } | undefined;
  descriptions(): readonly ToolDescription[];
}

/** A tool as one agent sees it. */
export interface KnownTool {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  /** The playbook's word counts where it is the greater one. */
  readonly risk: Risk;
  /** Names of its arguments, and which of them it cannot do without. */
  readonly args: readonly string[];
  readonly required: readonly string[];
}
