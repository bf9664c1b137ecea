import type { Tone } from '#dialogue/understanding/understanding';

/** Whom a conversation is about: a person, and the organisation of their account where it is known. */
export interface Subject {
  /** Matrix user id. */
  readonly user: string;
  /** The server part of the user id, or what the playbook's tools know better. */
  readonly organisation: string;
}

/** What is kept of a resolved conversation. Personal data has been replaced before it gets here. */
export interface Remembered {
  /** Of the turn that ended it: remembering the same turn twice keeps one memory. */
  readonly id: string;
  readonly topics: readonly string[];
  /** One sentence. */
  readonly summary: string;
  readonly outcome: 'solved' | 'unsolved' | 'unknown';
  readonly tone: Tone;
  /** ISO 8601. */
  readonly at: string;
}

export interface Memory {
  /** The newest memories of the person first, then of the organisation (without names of people); few. */
  recall(subject: Subject): Promise<readonly string[]>;
  /** Safe to repeat. */
  remember(subject: Subject, memory: Remembered): Promise<void>;
  /** Removes what was remembered of these turns. Safe to repeat. */
  forget(subject: Subject, turns: readonly string[]): Promise<void>;
  /** Removes everything about a person; resolves to how many memories there were. */
  erase(user: string): Promise<number>;
  /**
   * Counts that a person reported a topic. Resolves to the number of people of the organisation when this report is
   * the one that reaches the policy's number within its time (once for each such time), else to null.
   */
  report(subject: Subject, topic: string, turn: string): Promise<number | null>;
}
