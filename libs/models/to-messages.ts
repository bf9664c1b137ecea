import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages';
import { z } from 'zod';
import type { Prompt } from './chat-model.ts';

const argumentsObject = z.record(z.string(), z.unknown());

/** Prompts in LangChain's form. Of arguments that are no object nothing is repeated: servers refuse them. */
export function toMessages(prompts: readonly Prompt[]): BaseMessage[] {
  return prompts.map((prompt) => {
    switch (prompt.role) {
      case 'system':
        return new SystemMessage(prompt.text);
      case 'user':
        return new HumanMessage(contentOf(prompt));
      case 'tool':
        return new ToolMessage({ content: prompt.text, tool_call_id: prompt.callId });
      case 'assistant':
        return new AIMessage({
          content: prompt.text,
          tool_calls: (prompt.calls ?? []).map(({ id, name, arguments: given }) => {
            const args = argumentsObject.safeParse(given);
            return { type: 'tool_call', id, name, args: args.success ? args.data : {} };
          }),
        });
      default:
        return prompt satisfies never;
    }
  });
}

/** Parts as OpenAI has them, "image input"; a plain text where there is no image, which every server takes. */
function contentOf({ text, images = [] }: Extract<Prompt, { role: 'user' }>) {
  if (images.length === 0) return text;
  const shown = images.map((image) => ({ type: 'image_url', image_url: { url: image.url } }) as const);
  return [{ type: 'text', text } as const, ...shown];
}
