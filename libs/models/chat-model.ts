import type { z } from 'zod';

export interface Prompt {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
}

/** What one call of a model used, as the server counts; 0 where it does not say. */
export interface TokenUsage {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface WriteRequest {
  readonly messages: readonly Prompt[];
  /** Is given the whole text so far, each time that it has grown. A retry begins again with a shorter one. */
  readonly onText: (text: string) => void;
  readonly signal: AbortSignal;
  readonly onUsage?: (usage: TokenUsage) => void;
}

export interface FillRequest<Schema extends z.ZodType> {
  readonly messages: readonly Prompt[];
  /** The form that the model fills in: a function that it has to call with arguments of this schema. */
  readonly form: { readonly name: string; readonly description: string; readonly schema: Schema };
  readonly signal: AbortSignal;
  readonly onUsage?: (usage: TokenUsage) => void;
}

/**
 * What vagent needs of a language model. Both calls retry by themselves, a bounded number of times, honouring what
 * the server says about waiting, and throw the signal's reason when it is aborted.
 *
 * @throws {ModelError} from both.
 */
export interface ChatModel {
  /** Streams a text and returns it whole. */
  write(request: WriteRequest): Promise<string>;
  /** Has a form filled in; what does not fit its schema is asked for once more, then given up as `garbage`. */
  fill<Schema extends z.ZodType>(request: FillRequest<Schema>): Promise<z.output<Schema>>;
}
