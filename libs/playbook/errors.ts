/** One mistake in a playbook: where it is (line and column count from 1), what is wrong, and what to do. */
export interface PlaybookProblem {
  /** Relative to the playbook's folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** A playbook cannot be used. The message lists every mistake in it. */
export class PlaybookError extends Error {
  override readonly name = 'PlaybookError';
  readonly retryable = false;
  readonly dir: string;
  readonly problems: readonly PlaybookProblem[];

  constructor(dir: string, problems: readonly PlaybookProblem[]) {
    const count = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
    const lines = problems.map(
      ({ file, line, column, message, hint }) => `  ${file}:${line}:${column} ${message}. ${hint}`,
    );
    super(`The playbook ${dir} has ${count}:\n${lines.join('\n')}`);
    this.dir = dir;
    this.problems = problems;
  }
}
