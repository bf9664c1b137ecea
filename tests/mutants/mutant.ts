/** One place of the code and what stands there in the mutant. */
export interface Edit {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Must occur in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A bug that somebody could well write, and the tests that must not let it pass. */
export interface Mutant {
  /** In kebab-case. */
  readonly name: string;
  /** What it breaks, in a sentence. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  /** The smallest test file that is about what it breaks. */
  readonly test: string;
  /** Only tests of the file whose full title, with the suites before it, matches this regular expression; all by default. */
  readonly title?: string;
}
