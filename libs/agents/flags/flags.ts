/** Whom a flag is evaluated for: percentages are sticky by one of the two, as the flag says. */
export interface FlagContext {
  readonly user: string;
  readonly room: string;
}

/** How something behind a flag went, for canaries. */
export type FlagOutcome = 'ok' | 'error' | 'rejected' | 'edited';

/** Feature flags of a playbook, in the format of flagd, evaluated in this process. */
export interface Flags {
  /** False where the flag is missing, broken, or rolled back: new things are off unless all is well. */
  isOn(flag: string, context: FlagContext): Promise<boolean>;
  /** The variant's name; `fallback` where the flag is missing, broken, or rolled back. */
  variantOf(flag: string, context: FlagContext, fallback: string): Promise<string>;
  /**
   * Counts an outcome for a flag's canary. When its error, reject or edit rate passes the limit that the flag's metadata sets, the
   * flag is rolled back for all workers until somebody edits it.
   *
   * @returns what the admin room is told when this outcome rolled it back.
   */
  report(flag: string, context: FlagContext, outcome: FlagOutcome, key: string): Promise<string | undefined>;
}
