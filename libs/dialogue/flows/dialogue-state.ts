import type { Json } from '#contract/canonical-json';

/** What a frame stands at until somebody answers. */
export type Awaiting =
  /** A value of this slot; `asked` counts the questions so far. */
  | { readonly kind: 'slot'; readonly slot: string; readonly asked: number }
  /** Yes or no, at the confirm step `slot`. */
  | { readonly kind: 'confirm'; readonly slot: string; readonly asked: number }
  /** The end of an approval. */
  | { readonly kind: 'approval'; readonly approval: string };

/** A step that a frame has come through, or stands at. */
export interface TrailStep {
  readonly step: string;
  /** Slots that it depends on: when one is corrected, the frame goes back to this step. */
  readonly slots: readonly string[];
  /** What it did cannot be taken back, and must not be done again: the frame never goes back over it. */
  readonly isFinal: boolean;
}

/** One run of a flow. Plain JSON: it lives in the checkpoint. */
export interface Frame {
  /** Unique in its session, and the same when a turn runs again. */
  readonly id: string;
  readonly flow: string;
  /** The step that it stands at. */
  readonly step: string;
  readonly slots: Readonly<Record<string, Json>>;
  /** What actions gave, by the name that their step saves it under. */
  readonly results: Readonly<Record<string, Json>>;
  readonly awaiting: Awaiting | null;
  /** The frame whose link started this one, and which goes on when this one has ended. It is right below on the stack. */
  readonly linkedBy: string | null;
  /** The way to `step`. Each step is in it once: going back to one forgets the way after it. */
  readonly trail: readonly TrailStep[];
  /** How often each step's need was met, so that no two needs have one key. */
  readonly visits: Readonly<Record<string, number>>;
}

/** The flows of a session: its explicit state. */
export interface DialogueState {
  /** The last one is active, those before it are paused. */
  readonly stack: readonly Frame[];
  /** Frames that wait for a reviewer; they return to the top of the stack when the approval has ended. */
  readonly parked: readonly Frame[];
}

export const emptyDialogue: DialogueState = { stack: [], parked: [] };
