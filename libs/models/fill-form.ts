import type { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { callModel, onceMoreOnGarbage, placeOf } from './call-model.ts';
import type { FillRequest } from './chat-model.ts';
import { collectCalls } from './collect-calls.ts';
import { ModelError } from './errors.ts';
import { followStream } from './follow-stream.ts';
import type { OpenaiSettings } from './model-settings.ts';
import { toMessages } from './to-messages.ts';

/** `ChatModel.fill`: the one function that is offered is forced. */
export async function fillForm<Schema extends z.ZodType>(
  openai: ChatOpenAI,
  settings: OpenaiSettings,
  { messages, form, signal, onUsage }: FillRequest<Schema>,
): Promise<z.output<Schema>> {
  const { $schema: _, ...parameters } = z.toJSONSchema(form.schema, { io: 'input' });
  const bound = openai.bindTools(
    [{ type: 'function', function: { name: form.name, description: form.description, parameters } }],
    { tool_choice: { type: 'function', function: { name: form.name } } },
  );
  return onceMoreOnGarbage(signal, async () => {
    const written = await callModel(settings, signal, async (attempt) => {
      const collected = collectCalls(form.name);
      const stream = await bound.stream(toMessages(messages), { signal: attempt.signal });
      await followStream({ stream, messages, onChunk: collected.add, onUsage }, attempt);
      return collected.calls()?.find(({ name }) => name === form.name);
    });
    const filled = form.schema.safeParse(written?.arguments);
    if (filled.success) return filled.data;
    const problem = `did not fill in the form "${form.name}": ${issuesOf(filled.error)}`;
    throw new ModelError(
      'garbage',
      `${placeOf(settings)} ${problem}. Let MODEL_NAME be one that can call functions`,
    );
  });
}

/** Places and kinds only: what the model wrote may hold what a person said. */
function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, code }) => `${path.join('.') || 'arguments'} (${code})`)
    .join(', ');
}
