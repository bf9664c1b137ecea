import type { AIMessageChunk } from '@langchain/core/messages';
import type { ModelAttempt } from './call-model.ts';
import type { Prompt, TokenUsage } from './chat-model.ts';
import { countTokens } from './count-tokens.ts';
import { ModelError } from './errors.ts';

export interface Followed {
  readonly stream: AsyncIterable<AIMessageChunk>;
  /** What was sent, for the estimate where the server does not count. */
  readonly messages: readonly Prompt[];
  readonly onChunk: (chunk: AIMessageChunk) => void;
  readonly onUsage: ((usage: TokenUsage) => void) | undefined;
}

/** No reply, step or form needs so many characters: a server that never ends must not fill the memory. */
const mostWritten = 1_000_000;

/**
 * Reads a streamed answer to its end and tells what it used, however it ended, as soon as a part of it had arrived.
 *
 * @throws {ModelError} `garbage` for no stream at all and for one without an end, `cut` for one without a finish reason, `refused` for one that
 * a content filter stopped.
 */
export async function followStream(followed: Followed, attempt: ModelAttempt): Promise<void> {
  let reason: unknown;
  let counted: unknown;
  let written = 0;
  let isEmpty = true;
  try {
    for await (const chunk of followed.stream) {
      attempt.alive();
      isEmpty = false;
      reason = chunk.response_metadata['finish_reason'] ?? reason;
      counted = chunk.usage_metadata ?? counted;
      written += lengthOf(chunk);
      if (written > mostWritten) throw endless(attempt);
      followed.onChunk(chunk);
    }
  } finally {
    if (!isEmpty) {
      followed.onUsage?.(
        countTokens({ model: attempt.model, counted, written, messages: followed.messages }),
      );
    }
  }
  // An aborted stream ends as if it were whole.
  attempt.signal.throwIfAborted();
  if (isEmpty) {
    const problem = 'sent something else than a stream of its answer: check OPENAI_BASE_URL';
    throw new ModelError('garbage', `${attempt.where} ${problem}`);
  }
  checkFinished(reason, attempt);
}

function lengthOf(chunk: AIMessageChunk): number {
  const calls = chunk.tool_call_chunks ?? [];
  return calls.reduce(
    (length, { name, args }) => length + (name?.length ?? 0) + (args?.length ?? 0),
    chunk.text.length,
  );
}

function endless({ where }: ModelAttempt): ModelError {
  const problem = `wrote more than ${mostWritten} characters: let the server limit its answers`;
  return new ModelError('garbage', `${where} ${problem}`);
}

/** A stream that just ends looks like success to the SDK: only the finish reason tells that it is whole. */
function checkFinished(reason: unknown, { where }: ModelAttempt): void {
  if (reason === 'content_filter')
    throw new ModelError('refused', `${where}: its content filter stopped the answer`);
  if (reason === undefined || reason === null) {
    throw new ModelError('cut', `${where} ended its answer without a finish reason`);
  }
}
