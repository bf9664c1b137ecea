import type { ChatOpenAI } from '@langchain/openai';
import { callModel, onceMoreOnGarbage } from './call-model.ts';
import type { ActRequest, ModelStep, OfferedTool } from './chat-model.ts';
import { collectCalls } from './collect-calls.ts';
import { ModelError } from './errors.ts';
import { followStream } from './follow-stream.ts';
import type { OpenaiSettings } from './model-settings.ts';
import { toMessages } from './to-messages.ts';

/** More calls in one step than this are no plan but a loop. */
const mostCalls = 64;

/** `ChatModel.act`: the model chooses between writing and the functions that it is offered. */
export async function takeStep(
  openai: ChatOpenAI,
  settings: OpenaiSettings,
  { messages, tools, onText, signal, onUsage }: ActRequest,
): Promise<ModelStep> {
  const offered = tools.map(toFunction);
  const bound = offered.length === 0 ? openai : openai.bindTools(offered, { tool_choice: 'auto' });
  return onceMoreOnGarbage(signal, () =>
    callModel(settings, signal, async (attempt) => {
      let text = '';
      const collected = collectCalls();
      const stream = await bound.stream(toMessages(messages), { signal: attempt.signal });
      const onChunk = (chunk: Parameters<typeof collected.add>[0]): void => {
        collected.add(chunk);
        if (chunk.text === '') return;
        text += chunk.text;
        onText?.(text);
      };
      await followStream({ stream, messages, onChunk, onUsage }, attempt);
      const calls = collected.calls();
      const fail = (problem: string) => new ModelError('garbage', `${attempt.where} ${problem}`);
      if (calls === undefined) throw fail('called a function without naming it');
      if (calls.length > mostCalls) throw fail(`asked for ${calls.length} calls at once`);
      if (calls.length === 0 && text.trim() === '') throw fail('gave an empty answer');
      return { text, calls };
    }),
  );
}

function toFunction({ name, description, schema }: OfferedTool) {
  const { $schema: _, ...parameters }: Record<string, unknown> = { ...schema };
  return { type: 'function' as const, function: { name, description, parameters } };
}
