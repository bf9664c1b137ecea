import type { PiiKind } from '#playbook/policies';

/** Personal data in a text; `start` and `end` count UTF-16 units. */
export interface Finding {
  readonly kind: PiiKind;
  readonly start: number;
  readonly end: number;
}

/** A placeholder that stands for a value, and the value. */
export interface VaultItem {
  /** As it stands in texts, e.g. `[EMAIL-7F3K2Q9D]`. */
  readonly placeholder: string;
  readonly value: string;
}

export type Protected =
  | {
      readonly ok: true;
      readonly text: string;
      /** To be put into the session's vault before the text is stored anywhere. */
      readonly items: readonly VaultItem[];
      readonly kinds: readonly PiiKind[];
    }
  /** The policy blocks a kind: nothing of the text may be stored. */
  | { readonly ok: false; readonly kinds: readonly PiiKind[] };

/**
 * Replaces personal data as the policy says. Deterministic: the same value in the same session gets the same
 * placeholder, so that publishing again writes nothing new. Time is linear in the text's length.
 */
export type Protect = (text: string, session: string) => Protected;
