import type { Json } from '#contract/canonical-json';

/** What a frame stands at until somebody answers. */
export type Awaiting =
  /** A value of this slot; `asked` counts the questions so far. */
  | { readonly kind: 'slot'; readonly slot: string; readonly asked: number }
  /** Yes or no, at the confirm step `slot`. */
  | { readonly kind: 'confirm'; readonly slot: string; readonly asked: number }
  /** The end of an approval. */
  | { readonly kind: 'approval'; readonly approval: string };

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
}

/** The flows of a session: its explicit state. */
export interface DialogueState {
  /** The last one is active, those before it are paused. */
  readonly stack: readonly Frame[];
  /** Frames that wait for a reviewer; they return to the top of the stack when the approval has ended. */
  readonly parked: readonly Frame[];
}

export const emptyDialogue: DialogueState = { stack: [], parked: [] };
