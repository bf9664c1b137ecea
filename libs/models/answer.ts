import type { TokenUsage } from './chat-model.ts';
import type { GivenFile } from './given-file.ts';
import type { Message } from './message.ts';

export interface AnswerInput {
  readonly question: string;
  /** What was sent along. */
  readonly files?: readonly GivenFile[] | undefined;
  /** Earlier messages of the conversation, oldest first. */
  readonly history: readonly Message[];
  /** Is given the whole text so far, Markdown, each time that it has grown. */
  readonly onDraft: (text: string) => void;
  readonly signal: AbortSignal;
  /** Is told what each call of a model used. */
  readonly onUsage?: ((usage: TokenUsage) => void) | undefined;
}

/**
 * Answers a question from the playbook's knowledge, in Markdown, and names the source; or says that it does not
 * know.
 *
 * @throws {ModelError} when a model was needed and gave nothing usable.
 */
export type Answer = (input: AnswerInput) => Promise<string>;
