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

/** A turn as it went. */
export interface SpokenTurn {
  readonly said: string;
  readonly answers: readonly string[];
  readonly notices: readonly string[];
  readonly ran: readonly string[];
  readonly waits: readonly string[];
}

export interface DialogueOutcome {
  readonly name: string;
  readonly file: string;
  readonly turns: number;
  /** Empty: the dialogue went as it should. */
  readonly failures: readonly DialogueFailure[];
  /** What was said, turn by turn, as far as it was played. */
  readonly transcript: readonly SpokenTurn[];
}
