import type { Approval } from '#contract/approval';
import type { TurnRecord } from '#contract/turn-record';

/** One thing that happened, for people to read in order. */
export interface StoryLine {
  /** ISO 8601; null where only the order is known. */
  readonly at: string | null;
  readonly kind:
    | 'received'
    | 'turn'
    | 'understood'
    | 'step'
    | 'asked'
    | 'decided'
    | 'ran'
    | 'posted'
    | 'failed'
    | 'waiting'
    | 'cost';
  /** A sentence, plain text. */
  readonly text: string;
  /** Fine print, plain text. */
  readonly details: readonly string[];
}

/** How a reply came about: in words, and what they were made of. */
export interface Story {
  /** The event or fact that was asked about. */
  readonly event: string;
  readonly session: string;
  /** Markdown, in the order in which it happened. */
  readonly text: string;
  /** The same, line by line. */
  readonly lines: readonly StoryLine[];
  /** Null where it is not kept any more. */
  readonly turn: TurnRecord | null;
  /** It and the turns that belong to it (of the message that an approval came from, of its decision), oldest first. */
  readonly turns: readonly TurnRecord[];
  readonly approvals: readonly Approval[];
  /** Lines of the audit that concern it, oldest first. */
  readonly audit: readonly Readonly<Record<string, string>>[];
  /** What could not be found any more, each with why. */
  readonly gaps: readonly string[];
}
