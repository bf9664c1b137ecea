import type { Json } from '#contract/canonical-json';

/** A flow as a playbook describes it, checked: every name in it exists. */
export interface FlowSpec {
  readonly id: string;
  /** What it does, for people who ask and for a model. */
  readonly description: string;
  /** Messages that start it; `{slot}` stands for a value. For understanding without a model. */
  readonly examples: readonly string[];
  readonly slots: ReadonlyMap<string, SlotSpec>;
  /** In order; each goes on with the one that follows unless it says otherwise. Never empty. */
  readonly steps: readonly Step[];
  /** False for flows that only other flows, or the worker, start. */
  readonly isOffered: boolean;
}

export interface SlotSpec {
  readonly name: string;
  /** Name of a validator. */
  readonly type: string;
  readonly description: string;
  /** The question, a template. */
  readonly ask: string;
  /** Why it is asked; answers "why do you need that?". */
  readonly why: string | undefined;
  /** Messages that fill it, as a person would answer; `{slot}` stands for the value. */
  readonly examples: readonly string[];
}

/** Text with `{slot}` or `{result.path}` in it. A template that is one placeholder alone keeps the value's JSON type. */
export type Template = string;

interface StepBase {
  readonly id: string;
  /** The step that follows; undefined ends the flow. Resolved by the loader. */
  readonly next: string | undefined;
}

export type Step =
  /** Asks for what is not filled yet, one after the other. */
  | (StepBase & { readonly kind: 'collect'; readonly slots: readonly string[] })
  /**
   * Runs a tool. One of medium or high risk waits for a reviewer, whatever the playbook says; `approval` lets one of low risk
   * wait too. `onFailure` is where it goes on when the tool failed or was rejected; undefined tells the person and ends.
   */
  | (StepBase & {
      readonly kind: 'action' | 'approval';
      readonly tool: string;
      readonly with: Readonly<Record<string, Json>>;
      readonly save: string | undefined;
      readonly onFailure: string | undefined;
    })
  | (StepBase & {
      readonly kind: 'branch';
      readonly cases: readonly { readonly when: Condition; readonly goto: string }[];
      /** Undefined: the step that follows. */
      readonly otherwise: string | undefined;
    })
  /** Yes goes on; `no` is a step, undefined cancels the flow. */
  | (StepBase & { readonly kind: 'confirm'; readonly ask: Template; readonly no: string | undefined })
  | (StepBase & { readonly kind: 'say'; readonly text: Template })
  | (StepBase & { readonly kind: 'set'; readonly values: Readonly<Record<string, Json>> })
  /** Starts another flow on top, or hands over to an agent, then goes on. */
  | (StepBase & {
      readonly kind: 'link';
      readonly to:
        | { readonly flow: string; readonly slots: Readonly<Record<string, Json>> }
        | { readonly agent: string; readonly request: Template };
    })
  | (StepBase & {
      readonly kind: 'check';
      readonly afterSeconds: number;
      readonly tool: string;
      readonly with: Readonly<Record<string, Json>>;
      readonly expect: Condition;
      readonly failed: Template;
    });

/** `value` is a path as in templates. Under `check` the data of the tool is `result`. */
export type Condition =
  | { readonly value: string; readonly is: Json }
  | { readonly value: string; readonly isNot: Json }
  | { readonly value: string; readonly above: number }
  | { readonly value: string; readonly below: number }
  | { readonly value: string; readonly oneOf: readonly Json[] }
  | { readonly value: string; readonly known: boolean }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };
