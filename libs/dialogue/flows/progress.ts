import type { Book } from './book.ts';
import type { Advance, Aside, DialogueEvent, Need } from './dialogue.ts';
import type { DialogueState, Frame } from './dialogue-state.ts';

/** The state of the flows while one call works on it. Never outlives the call. */
export interface Progress {
  readonly book: Book;
  /** The last one is active. Frames are never changed, only replaced. */
  stack: readonly Frame[];
  parked: readonly Frame[];
  readonly events: DialogueEvent[];
  readonly asides: Aside[];
  need: Need | undefined;
  /** The frame that the person is in: another one that becomes active is introduced first. */
  shown: string | undefined;
}

/** A fresh progress from a saved state. */
export function beginProgress(book: Book, { stack, parked }: DialogueState): Progress {
  return { book, stack, parked, events: [], asides: [], need: undefined, shown: stack.at(-1)?.id };
}

/** What the call comes to. */
export function advanceOf({ stack, parked, events, asides, need }: Progress): Advance {
  return { state: { stack, parked }, events, asides, need };
}

/** The frame that runs; undefined when no flow is open. */
export function activeFrame({ stack }: Progress): Frame | undefined {
  return stack.at(-1);
}

/** Replaces parts of the active frame. */
export function updateActive(progress: Progress, changes: Partial<Frame>): void {
  const active = activeFrame(progress);
  if (active !== undefined) progress.stack = [...progress.stack.slice(0, -1), { ...active, ...changes }];
}

/** Says something in the name of a flow. What has no words is not said. */
export function say(progress: Progress, flow: string, text: string): void {
  if (text.trim() !== '') progress.events.push({ kind: 'said', flow, text });
}
