/** An expectation that was not met: where it stands, and what happened instead. */
export interface DialogueFailure {
  readonly file: string;
  readonly line: number;
  /** Counted from 1. */
  readonly turn: number;
  /** What the turn was: the message, or the decision. */
  readonly said: string;
  /** What was expected. */
  readonly expected: string;
  /** What happened instead. */
  readonly instead: string;
}

export interface DialogueOutcome {
  readonly name: string;
  readonly file: string;
  readonly turns: number;
  /** Empty: the dialogue went as it should. */
  readonly failures: readonly DialogueFailure[];
}
