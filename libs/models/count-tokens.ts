import { z } from 'zod';
import type { Prompt, TokenUsage } from './chat-model.ts';

const count = z.number().int().nonnegative();
/** The part of LangChain's usage that is read. Servers send anything here, texts and negative numbers among it. */
const usage = z.object({ input_tokens: count, output_tokens: count });

/** English has about four characters for each token (OpenAI's rule of thumb). */
const charactersPerToken = 4;
/** A photo of 1024 x 1024 in full detail (OpenAI's guide to images). */
const tokensPerImage = 765;

/** What a call used: as the server counted it, else estimated from what was sent and what came. Never NaN. */
export function countTokens(call: {
  readonly model: string;
  readonly counted: unknown;
  /** Characters that the model wrote. */
  readonly written: number;
  readonly messages: readonly Prompt[];
}): TokenUsage {
  const { model } = call;
  const said = usage.safeParse(call.counted);
  if (said.success)
    return { model, inputTokens: said.data.input_tokens, outputTokens: said.data.output_tokens };
  const sent = call.messages.reduce((length, { text }) => length + text.length, 0);
  const images = call.messages.reduce(
    (n, prompt) => n + (prompt.role === 'user' ? (prompt.images ?? []).length : 0),
    0,
  );
  return {
    model,
    inputTokens: Math.ceil(sent / charactersPerToken) + images * tokensPerImage,
    outputTokens: Math.ceil(call.written / charactersPerToken),
  };
}
