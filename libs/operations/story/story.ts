import type { Approval } from '#contract/approval';
import type { TurnRecord } from '#contract/turn-record';

/** How a reply came about: in words, and what they were made of. */
export interface Story {
  /** The event or fact that was asked about. */
  readonly event: string;
  readonly session: string;
  /** Markdown, in the order in which it happened. */
  readonly text: string;
  /** Null where it is not kept any more. */
  readonly turn: TurnRecord | null;
  readonly approvals: readonly Approval[];
  /** Lines of the audit that concern it, oldest first. */
  readonly audit: readonly Readonly<Record<string, string>>[];
  /** What could not be found any more, each with why. */
  readonly gaps: readonly string[];
}
