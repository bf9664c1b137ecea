import type { Situation } from '#agents/conversation/situation';
import type { Understanding } from '#dialogue/understanding/understanding';

/** What came of one turn of a dialogue. */
export interface Heard {
  /** What the person reads, in order. */
  readonly texts: string[];
  /** Names of tools that ran. */
  readonly ran: string[];
  /** What the admin room reads. */
  readonly notices: string[];
  /** Names of tools whose actions wait for a reviewer, after the turn. */
  waits: readonly string[];
  /** Where the person's conversation stands after the turn; undefined before its first one. */
  situation: Situation | undefined;
  understood: Understanding | undefined;
}

export function nothingHeard(): Heard {
  return { texts: [], ran: [], notices: [], waits: [], situation: undefined, understood: undefined };
}
