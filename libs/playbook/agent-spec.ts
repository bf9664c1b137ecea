import type { Json } from '#contract/canonical-json';

/** A specialist as a playbook describes it. Its id is a topic. */
export interface AgentSpec {
  readonly id: string;
  readonly description: string;
  /** Messages that are for it; for understanding without a model. */
  readonly examples: readonly string[];
  readonly keywords: readonly string[];
  /** The tools that it may use, and no others. */
  readonly tools: readonly string[];
  /** The SOPs that it may follow; empty: those with its topic. */
  readonly sops: readonly string[];
  /** Another model than MODEL_NAME. */
  readonly model: string | undefined;
  /** Which of its drafts a person reads before they go out. */
  readonly review: 'never' | 'sensitive' | 'always';
  /** A flag that must be on for it to answer; else a person does. */
  readonly flag: string | undefined;
}

/** A standard operating procedure: Markdown for whoever follows it, and steps that code holds to. */
export interface Sop {
  readonly id: string;
  readonly title: string;
  readonly topics: readonly string[];
  readonly keywords: readonly string[];
  readonly steps: readonly SopStep[];
  /** Markdown, without the front matter. */
  readonly text: string;
}

export interface SopStep {
  readonly id: string;
  /** What is done, in a sentence. */
  readonly does: string;
  readonly tool: string | undefined;
  /** Arguments that are known beforehand; templates over the results of earlier steps and `entities`. */
  readonly with: Readonly<Record<string, Json>>;
  /** Name of a verifier: the step has passed when it says so. */
  readonly verify: string | undefined;
  /** Steps that must have passed before this one may begin. */
  readonly after: readonly string[];
}
