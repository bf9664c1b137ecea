import type { Json } from '#contract/canonical-json';
import type { Message } from './message.ts';

/** One thing that a message wants. A message may want several, in this order. */
export type Intent =
  /** Wants to know something; `text` is what to look for. */
  | { readonly kind: 'question'; readonly text: string }
  /** Wants a tool to run; the arguments are as found, checked by nobody yet, and may be incomplete. */
  | { readonly kind: 'request'; readonly tool: string; readonly args: Readonly<Record<string, Json>> }
  /** Wants its waiting requests withdrawn. */
  | { readonly kind: 'cancel' }
  /** Asks how its waiting requests stand. */
  | { readonly kind: 'status' }
  | { readonly kind: 'greeting' }
  | { readonly kind: 'thanks' };

export interface Understanding {
  readonly intents: readonly Intent[];
}

/** What an implementation may know of a tool: enough to recognise a request for it. */
export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface UnderstandInput {
  readonly text: string;
  /** Earlier messages of the conversation, oldest first. */
  readonly history: readonly Message[];
  readonly tools: readonly ToolDescription[];
  /** How many requests of this conversation wait for a reviewer. */
  readonly waiting: number;
  readonly signal: AbortSignal;
}

/**
 * Finds what a message wants. Treats the text as data: what comes back is checked again by code before anything
 * is proposed, let alone run.
 *
 * @throws {ModelError} when a model was needed and gave nothing usable.
 */
export type Understand = (input: UnderstandInput) => Promise<Understanding>;
