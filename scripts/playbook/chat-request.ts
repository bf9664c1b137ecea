import { z } from 'zod';

const content = z.union([z.string(), z.array(z.object({ text: z.string().optional() }))]).nullish();

const message = z.object({
  role: z.string(),
  content,
  tool_calls: z.array(z.object({ function: z.object({ name: z.string() }) })).nullish(),
});

/** The parts of a chat completion request that are looked at. */
export const chatRequest = z.object({
  model: z.string(),
  stream: z.boolean().nullish(),
  messages: z.array(message),
  tools: z
    .array(z.object({ function: z.object({ name: z.string(), parameters: z.unknown().optional() }) }))
    .nullish(),
  tool_choice: z.unknown().optional(),
});
export type ChatRequest = z.output<typeof chatRequest>;

/** The function that a request forces; null where the model is free. */
export function forcedFunction({ tool_choice: choice }: ChatRequest): string | null {
  const named = z.object({ function: z.object({ name: z.string() }) }).safeParse(choice);
  return named.success ? named.data.function.name : null;
}

/** What was written under a role, oldest first. */
export function textsOf({ messages }: ChatRequest, role: string): readonly string[] {
  return messages.filter((one) => one.role === role).map((one) => plain(one.content));
}

/** Names of the functions that were called in this exchange already. */
export function calledBefore({ messages }: ChatRequest): readonly string[] {
  return messages.flatMap(({ tool_calls: calls }) => (calls ?? []).map((call) => call.function.name));
}

function plain(written: z.output<typeof content>): string {
  return typeof written === 'string' ? written : (written ?? []).map(({ text }) => text ?? '').join('');
}
