import type { ChatOpenAI } from '@langchain/openai';
import { callModel, onceMoreOnGarbage } from './call-model.ts';
import type { WriteRequest } from './chat-model.ts';
import { ModelError } from './errors.ts';
import { followStream } from './follow-stream.ts';
import type { OpenaiSettings } from './model-settings.ts';
import { toMessages } from './to-messages.ts';

/** `ChatModel.write`. */
export async function writeText(
  openai: ChatOpenAI,
  settings: OpenaiSettings,
  { messages, onText, signal, onUsage }: WriteRequest,
): Promise<string> {
  return onceMoreOnGarbage(signal, () =>
    callModel(settings, signal, async (attempt) => {
      let text = '';
      const stream = await openai.stream(toMessages(messages), { signal: attempt.signal });
      const onChunk = (chunk: { readonly text: string }): void => {
        if (chunk.text === '') return;
        text += chunk.text;
        onText(text);
      };
      await followStream({ stream, messages, onChunk, onUsage }, attempt);
      if (text.trim() === '') throw new ModelError('garbage', `${attempt.where} gave an empty answer`);
      return text;
    }),
  );
}
