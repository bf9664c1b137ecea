import { z } from 'zod';

/** What a reply says that it used; null says nothing; left out, a quarter of the characters. */
const usage = z.object({ input: z.unknown(), output: z.unknown() }).nullable().optional();
const pace = { chunkSize: z.int().positive().optional(), delayMs: z.int().nonnegative().optional() };

/** What the scripted model server does with one request. */
export const modelReply = z.discriminatedUnion('kind', [
  /** A text, streamed in chunks where the request asks for a stream; `delayMs` before each chunk. */
  z.object({
    kind: z.literal('text'),
    text: z.string(),
    finishReason: z.string().optional(),
    usage,
    ...pace,
  }),
  /** Calls of functions, after a text where there is one; `arguments` as a text is sent as it is, however broken. */
  z.object({
    kind: z.literal('calls'),
    text: z.string().optional(),
    usage,
    calls: z.array(
      z.object({ name: z.string(), arguments: z.union([z.string(), z.record(z.string(), z.unknown())]) }),
    ),
  }),
  z.object({
    kind: z.literal('error'),
    status: z.int(),
    headers: z.record(z.string(), z.string()).optional(),
    code: z.string().optional(),
    message: z.string().optional(),
  }),
  /** Sends the text, then drops the connection. */
  z.object({ kind: z.literal('cut'), text: z.string(), ...pace }),
  /** Sends the text, then ends the response as if all were well, but without a finish reason. */
  z.object({ kind: z.literal('unfinished'), text: z.string(), ...pace }),
  /** A response of status 200 that is no completion. */
  z.object({ kind: z.literal('garbage'), body: z.string().optional(), contentType: z.string().optional() }),
  /** Sends the text, then nothing more, and keeps the connection open. */
  z.object({ kind: z.literal('hang'), text: z.string().optional() }),
]);
export type ModelReply = z.infer<typeof modelReply>;

const part = z.object({
  text: z.string().optional(),
  image_url: z.object({ url: z.string() }).optional(),
});
const content = z.union([z.string(), z.array(part)]).nullish();

/** The parts of an OpenAI chat completion request that are looked at. */
export const modelRequest = z.object({
  model: z.string(),
  stream: z.boolean().nullish(),
  messages: z.array(
    z.object({
      role: z.string(),
      content,
      tool_call_id: z.string().optional(),
      tool_calls: z
        .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
        .optional(),
    }),
  ),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  tools: z.array(z.object({ function: z.object({ name: z.string(), parameters: z.unknown() }) })).nullish(),
  tool_choice: z.unknown().optional(),
});
export type ModelRequest = z.infer<typeof modelRequest>;

/** The text of the newest message that a user wrote. */
export function lastUserText({ messages }: ModelRequest): string {
  const said = messages.findLast(({ role }) => role === 'user')?.content;
  return typeof said === 'string' ? said : (said ?? []).map(({ text }) => text ?? '').join('');
}
