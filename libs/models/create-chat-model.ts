import {
  AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
} from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { retry } from '#runtime/retry';
import type { ChatModel, FillRequest, Prompt, WriteRequest } from './chat-model.ts';
import { ModelError } from './errors.ts';
import type { ModelSettings, OpenaiSettings } from './model-settings.ts';
import { toModelError } from './to-model-error.ts';
import { withinLimits } from './within-limits.ts';

/** A server that asks for a longer pause than this is left to the caller, who can wait without holding a lane. */
const longestPauseMs = 20_000;
const pauses = { baseMs: 250, maxMs: 5_000, maxRetryAfterMs: longestPauseMs };

/** The chat model that the settings name, reached through `@langchain/openai`; undefined for offline. */
export function createChatModel(settings: ModelSettings): ChatModel | undefined {
  if (settings.provider === 'offline') return undefined;
  const openai = new ChatOpenAI({
    model: settings.model,
    apiKey: settings.apiKey,
    // Retries and time limits are ours: the SDK's know nothing of leases and hide what the server said.
    maxRetries: 0,
    timeout: settings.timeoutMs,
    useResponsesApi: false,
    configuration: { baseURL: settings.baseUrl ?? null, maxRetries: 0, logLevel: 'off' },
  });
  return {
    write: (request) =>
      onceMoreOnGarbage(request.signal, () =>
        callWithRetries(settings, request.signal, (call) => write(openai, request, call)),
      ),
    fill: (request) => fill(openai, settings, request),
  };
}

interface Call {
  /** Model and host, for messages. */
  readonly where: string;
  readonly signal: AbortSignal;
  /** A part of the answer has arrived. */
  readonly alive: () => void;
}

async function callWithRetries<T>(
  settings: OpenaiSettings,
  signal: AbortSignal,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const where = placeOf(settings);
  const attempt = async (): Promise<T> => {
    let hasBegun = false;
    try {
      return await withinLimits({ ...settings, signal }, (ends, alive) =>
        work({
          where,
          signal: ends,
          alive: () => {
            hasBegun = true;
            alive();
          },
        }),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw toModelError(error, { where, apiKey: settings.apiKey, hasBegun });
    }
  };
  return retry(attempt, { attempts: settings.attempts, ...pauses, signal, isRetryable: isWorthWaiting });
}

function placeOf({ model, baseUrl }: OpenaiSettings): string {
  return `The model ${model} at ${new URL(baseUrl ?? 'https://api.openai.com').host}`;
}

/** A call that took all of its time is not made again at once: the caller knows better how long someone may wait. */
function isWorthWaiting(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.kind === 'garbage' || error.kind === 'timeout') return false;
  return error.retryable && (error.retryAfterMs ?? 0) <= longestPauseMs;
}

/** Garbage is asked for once more: a model that writes it twice will go on doing so. */
async function onceMoreOnGarbage<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const isGarbage = (error: unknown): boolean => error instanceof ModelError && error.kind === 'garbage';
  return retry(work, { attempts: 2, ...pauses, signal, isRetryable: isGarbage });
}

async function write(openai: ChatOpenAI, { messages, onText }: WriteRequest, call: Call): Promise<string> {
  let text = '';
  const stream = await openai.stream(toMessages(messages), { signal: call.signal });
  const reason = await follow(stream, call, (chunk) => {
    if (chunk.text === '') return;
    text += chunk.text;
    onText(text);
  });
  checkFinished(reason, call);
  if (text.trim() === '') throw new ModelError('garbage', `${call.where} gave an empty answer`);
  return text;
}

/** Reads a stream to its end and returns the finish reason, if one came. */
async function follow(
  stream: AsyncIterable<AIMessageChunk>,
  call: Call,
  onChunk: (chunk: AIMessageChunk) => void,
): Promise<unknown> {
  let reason: unknown;
  let isEmpty = true;
  for await (const chunk of stream) {
    call.alive();
    isEmpty = false;
    reason = chunk.response_metadata['finish_reason'] ?? reason;
    onChunk(chunk);
  }
  // An aborted stream ends as if it were whole.
  call.signal.throwIfAborted();
  if (isEmpty) {
    const problem = 'sent something else than a stream of its answer: check OPENAI_BASE_URL';
    throw new ModelError('garbage', `${call.where} ${problem}`);
  }
  return reason;
}

/** A stream that just ends looks like success to the SDK: only the finish reason tells that it is whole. */
function checkFinished(reason: unknown, { where }: Call): void {
  if (reason === 'content_filter')
    throw new ModelError('refused', `${where}: its content filter stopped the answer`);
  if (reason === undefined || reason === null) {
    throw new ModelError('cut', `${where} ended its answer without a finish reason`);
  }
}

async function fill<Schema extends z.ZodType>(
  openai: ChatOpenAI,
  settings: OpenaiSettings,
  { messages, form, signal }: FillRequest<Schema>,
): Promise<z.output<Schema>> {
  const { $schema: _, ...parameters } = z.toJSONSchema(form.schema, { io: 'input' });
  const bound = openai.bindTools(
    [{ type: 'function', function: { name: form.name, description: form.description, parameters } }],
    { tool_choice: { type: 'function', function: { name: form.name } } },
  );
  const fillOnce = async (): Promise<z.output<Schema>> => {
    const written = await callWithRetries(settings, signal, async (call) => {
      let text = '';
      const reason = await follow(
        await bound.stream(toMessages(messages), { signal: call.signal }),
        call,
        (chunk) => {
          for (const { name = form.name, args = '' } of chunk.tool_call_chunks ?? []) {
            if (name === form.name) text += args;
          }
        },
      );
      checkFinished(reason, call);
      return text;
    });
    const filled = form.schema.safeParse(parseJson(written));
    if (filled.success) return filled.data;
    const problem = `did not fill in the form "${form.name}": ${issuesOf(filled.error)}`;
    throw new ModelError(
      'garbage',
      `${placeOf(settings)} ${problem}. Let MODEL_NAME be one that can call functions`,
    );
  };
  return onceMoreOnGarbage(signal, fillOnce);
}

/** Undefined where it is no JSON: no schema of a form accepts that. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Places and kinds only: what the model wrote may hold what a person said. */
function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, code }) => `${path.join('.') || 'arguments'} (${code})`)
    .join(', ');
}

function toMessages(prompts: readonly Prompt[]): BaseMessage[] {
  return prompts.map(({ role, text }) => {
    if (role === 'system') return new SystemMessage(text);
    return role === 'user' ? new HumanMessage(text) : new AIMessage(text);
  });
}
