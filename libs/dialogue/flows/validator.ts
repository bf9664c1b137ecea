import type { Json } from '#contract/canonical-json';

export type Validated =
  | { readonly ok: true; readonly value: Json }
  /** `problem` is told to the person: what is wrong, and what would be right. */
  | { readonly ok: false; readonly problem: string };

/** Reads the values of a slot's type. Registered in code, named by playbooks. */
export interface Validator {
  /** What a playbook writes as the slot's `type`. */
  readonly name: string;
  /** For a model, and for authors: what a value looks like. */
  readonly description: string;
  /** Reads one value as a person writes it. */
  validate(written: string): Validated;
  /** Values of this type inside a longer text, as they are written there; used without a model. Linear time. */
  find(text: string): readonly string[];
}
