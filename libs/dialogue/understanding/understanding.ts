import type { TokenUsage } from '#models/chat-model';
import type { Message } from '#models/message';
import type { Command } from '../command.ts';

export const riskCategories = [
  'none',
  'account_takeover',
  'pii_leak',
  'token_exposure',
  'legal_threat',
] as const;
export type RiskCategory = (typeof riskCategories)[number];

export const urgencies = ['low', 'normal', 'high', 'critical'] as const;
export type Urgency = (typeof urgencies)[number];
export const tones = ['positive', 'neutral', 'frustrated', 'angry'] as const;
export type Tone = (typeof tones)[number];

/** The topic of a message that no agent is for. */
export const unknownTopic = 'unknown';

export interface Sensitivity {
  readonly isSensitive: boolean;
  readonly riskCategory: RiskCategory;
  /** From 0 to 1; below the playbook's threshold the cautious path is taken. */
  readonly confidence: number;
  /** What is at stake, as the message names it: accounts, organisations, fingerprints of tokens. */
  readonly entities: readonly string[];
}

export interface Analysis {
  /** Ids of agents, most important first, or `unknown` alone; empty for talk about the conversation itself. */
  readonly topics: readonly string[];
  readonly urgency: Urgency;
  readonly tone: Tone;
  readonly sensitivity: Sensitivity;
}

export interface Understanding {
  /** Never empty. */
  readonly commands: readonly Command[];
  readonly analysis: Analysis;
  /** From 0 to 1: of the first command. */
  readonly confidence: number;
  /** The name of the model that said so; left out where it was the examples. */
  readonly by?: string;
}

/** Where the conversation stands: the same text means something else in another place. */
export interface DialogueContext {
  /** The flow that is active, where there is one. */
  readonly flow: string | null;
  /** What the bot asked last. The slot of a confirmation is the id of its step, its type `boolean`. */
  readonly awaiting: { readonly flow: string; readonly slot: string; readonly type: string } | null;
  /** Slots of the active flow that are filled. */
  readonly filled: readonly string[];
  /** Paused flows, the one paused last first. */
  readonly paused: readonly string[];
  /** How many requests of this conversation wait for a reviewer. */
  readonly waiting: number;
}

export interface UnderstandInput {
  readonly text: string;
  readonly context: DialogueContext;
  /** Earlier messages of the conversation, oldest first. */
  readonly history: readonly Message[];
  readonly signal: AbortSignal;
  /** Is told what each call of a model cost. */
  readonly onUsage: (usage: TokenUsage) => void;
}

/**
 * Finds what a message does, in one call. Treats the text as data: whatever comes back names only flows, slots and
 * agents of the playbook, and is checked again by code before anything is run. Where it is not sure it says
 * `clarify`; it never guesses an action.
 *
 * @throws {ModelError} when a model was needed and gave nothing usable.
 */
export type Understand = (input: UnderstandInput) => Promise<Understanding>;
