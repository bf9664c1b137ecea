/** The command line was not understood; the message says what would be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something that the person at the terminal can mend; the message says what and how. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
