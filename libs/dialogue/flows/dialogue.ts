import type { Json } from '#contract/canonical-json';
import type { Command, Digression } from '../command.ts';
import type { DialogueContext } from '../understanding/understanding.ts';
import type { DialogueState } from './dialogue-state.ts';

/** What happened, in order: texts are for the person, the rest is for the record of the turn. */
export type DialogueEvent =
  | { readonly kind: 'said'; readonly flow: string; readonly text: string }
  | { readonly kind: 'asked'; readonly flow: string; readonly slot: string; readonly text: string }
  | {
      readonly kind: 'started' | 'completed' | 'cancelled' | 'paused' | 'resumed' | 'failed';
      readonly flow: string;
    };

/** What a message wants beside its flows; the caller answers it, then asks `question` again. */
export type Aside =
  | {
      readonly kind: 'digress';
      readonly digression: Exclude<Digression, 'why'>;
      readonly text: string;
      readonly topics: readonly string[];
    }
  | { readonly kind: 'clarify'; readonly options: readonly string[] }
  | { readonly kind: 'hand_off' }
  /** Nothing was active: the requests that wait for a reviewer are meant. */
  | { readonly kind: 'cancel' }
  | { readonly kind: 'chat'; readonly tone: 'greeting' | 'thanks' | 'other' }
  /** A flow hands over to an agent. */
  | { readonly kind: 'agent'; readonly agent: string; readonly text: string };

/** What the outside has to do before the flow can go on. */
export type Need =
  /** `key` makes an idempotency key with the turn's id. `mustAsk`: even a tool of low risk waits for a reviewer. */
  | {
      readonly kind: 'run';
      readonly frame: string;
      readonly flow: string;
      readonly key: string;
      readonly tool: string;
      readonly args: Readonly<Record<string, Json>>;
      readonly mustAsk: boolean;
    }
  /** Something to look at later: nothing is waited for, go on with `scheduled`. */
  | {
      readonly kind: 'check';
      readonly frame: string;
      readonly flow: string;
      readonly key: string;
      readonly afterSeconds: number;
      readonly check: LaterCheck;
    };

/** An after-run check, complete in itself: it is run when the flow is long over. Plain JSON. */
export interface LaterCheck {
  readonly flow: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, Json>>;
  /** The condition that the tool's data must meet, as the playbook writes it. */
  readonly expect: Json;
  /** What the person is told when it does not. */
  readonly failed: string;
}

/** How a need was met. */
export type Met =
  | { readonly kind: 'ran'; readonly data: Json; readonly text: string }
  /** The tool certainly did nothing, or nobody knows; `text` says why, in words for the person. */
  | { readonly kind: 'failed'; readonly text: string }
  /** It waits for a reviewer: the frame is parked under this approval. */
  | { readonly kind: 'proposed'; readonly approval: string }
  | { readonly kind: 'scheduled' };

/** How the approval that a frame was parked under has ended. The caller tells the person; `text` is why, for templates (`failure`). */
export type Decided =
  | { readonly kind: 'ran'; readonly data: Json; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'rejected'; readonly text: string }
  | { readonly kind: 'expired' | 'cancelled' };

export interface Advance {
  readonly state: DialogueState;
  readonly events: readonly DialogueEvent[];
  readonly asides: readonly Aside[];
  /** Met with `meet`, then the flow goes on; undefined when it waits for the person, or is over. */
  readonly need: Need | undefined;
}

/**
 * Flows as pure functions over state: no clock, no chance, no input or output. The same state and commands give the
 * same advance, so that a turn that runs again says the same. Every call ends: cycles are bounded.
 */
export interface Dialogue {
  /** Works a message's commands into the state. `turn` is the id of the fact, for the ids of new frames. */
  take(state: DialogueState, commands: readonly Command[], turn: string): Advance;
  meet(state: DialogueState, need: Need, met: Met): Advance;
  /** Continues the frame that is parked under this approval; nothing happens where there is none. */
  decided(state: DialogueState, approval: string, outcome: Decided): Advance;
  /** Starts a flow by itself, e.g. the one that asks whether an answer helped. */
  start(state: DialogueState, flow: string, slots: Readonly<Record<string, Json>>, turn: string): Advance;
  /** The open question in words, to be asked again after a digression. */
  question(state: DialogueState): string | undefined;
  /** What understanding needs to know; `waiting` counts requests outside of flows too. */
  contextOf(state: DialogueState, waiting: number): DialogueContext;
  /** Whether the data that a later check brought is as it should be. */
  isAsExpected(check: LaterCheck, data: Json): boolean;
}
