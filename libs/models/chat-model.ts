import type { z } from 'zod';

/** One message for a model. After an assistant's calls there has to be one `tool` message for each of them. */
export type Prompt =
  | { readonly role: 'system'; readonly text: string }
  /** Images go only to a model that takes them; each is a `data:` URL. */
  | { readonly role: 'user'; readonly text: string; readonly images?: readonly { readonly url: string }[] }
  | { readonly role: 'assistant'; readonly text: string; readonly calls?: readonly ModelCall[] }
  | { readonly role: 'tool'; readonly callId: string; readonly text: string };

/** A function that a model wants called: nothing but a wish, checked by whoever may grant it. */
export interface ModelCall {
  /** For the answer to it; unique within one step. */
  readonly id: string;
  /** Never empty; perhaps none of the functions that it was offered. */
  readonly name: string;
  /** Any JSON value; undefined where the model wrote no JSON. */
  readonly arguments: unknown;
}

/** What one call of a model used, as the server counts; a quarter of the characters where it does not say. */
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
  /** Is told what each call used, also one that was of no use. */
  readonly onUsage?: ((usage: TokenUsage) => void) | undefined;
}

export interface FillRequest<Schema extends z.ZodType> {
  readonly messages: readonly Prompt[];
  /** The form that the model fills in: a function that it has to call with arguments of this schema. */
  readonly form: { readonly name: string; readonly description: string; readonly schema: Schema };
  readonly signal: AbortSignal;
  readonly onUsage?: ((usage: TokenUsage) => void) | undefined;
}

/** A function that a model may ask for. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly schema: object;
}

export interface ActRequest {
  readonly messages: readonly Prompt[];
  /** May be empty: then the model can only write. */
  readonly tools: readonly OfferedTool[];
  /** As in `write`. What is written beside calls goes through it too. */
  readonly onText?: ((text: string) => void) | undefined;
  readonly signal: AbortSignal;
  readonly onUsage?: ((usage: TokenUsage) => void) | undefined;
}

/** One step of an agent: a text, calls, or both; never neither. */
export interface ModelStep {
  readonly text: string;
  /** In the order in which the model wrote them. */
  readonly calls: readonly ModelCall[];
}

/**
 * What vagent needs of a language model. All calls retry by themselves, a bounded number of times, honouring what
 * the server says about waiting, and throw the signal's reason when it is aborted.
 *
 * @throws {ModelError} from all.
 */
export interface ChatModel {
  /** Whether prompts may have images; not where it is left out. */
  readonly takesImages?: boolean;
  /** Streams a text and returns it whole. */
  write(request: WriteRequest): Promise<string>;
  /** Has a form filled in; what does not fit its schema is asked for once more, then given up as `garbage`. */
  fill<Schema extends z.ZodType>(request: FillRequest<Schema>): Promise<z.output<Schema>>;
  /** Lets the model write or ask for calls, as it likes. An answer with neither is `garbage` after a second try. */
  act(request: ActRequest): Promise<ModelStep>;
}
