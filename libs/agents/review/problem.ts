/** Something about a draft that a person has to know before it goes out. */
export interface Problem {
  readonly kind: 'forbidden' | 'link' | 'image' | 'mention' | 'secret' | 'claim' | 'length' | 'empty';
  /** For a reviewer: one clause. */
  readonly why: string;
}

/** A text after one check: what it became, and what was found. */
export interface Checked {
  readonly text: string;
  readonly problems: readonly Problem[];
}
