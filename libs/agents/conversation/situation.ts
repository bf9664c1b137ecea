import { type DialogueState, emptyDialogue } from '#dialogue/flows/dialogue-state';

/** A person speaks through the bot, which is silent until they hand back. */
export interface Takeover {
  /** The approval by which they took over: what they write under its prompt goes to the user. */
  readonly approval: string;
  readonly by: string;
  /** ISO 8601; said again by every word of theirs. */
  readonly until: string;
}

/** Where a conversation stands, beside its messages and what waits. Plain JSON: it lives in the checkpoint. */
export interface Situation {
  readonly dialogue: DialogueState;
  /** The playbook that open flows and requests began with; null when there are none. */
  readonly version: string | null;
  readonly takeover: Takeover | null;
  /** What it has been about, newest first. */
  readonly topics: readonly string[];
  /** What was remembered when it began. */
  readonly memories: readonly string[];
}

export const firstSituation: Situation = {
  dialogue: emptyDialogue,
  version: null,
  takeover: null,
  topics: [],
  memories: [],
};
