import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelReply, ModelRequest } from './model-reply.ts';

/** Sends one scripted reply in the form of OpenAI's chat completions, streamed or not, as the request asks. */
export async function sendModelReply(
  response: ServerResponse,
  request: ModelRequest,
  reply: ModelReply,
  signal: AbortSignal,
): Promise<void> {
  const send = { response, request, signal };
  switch (reply.kind) {
    case 'error':
      sendJson(
        response,
        reply.status,
        { error: { message: reply.message ?? 'scripted', code: reply.code ?? null } },
        reply.headers,
      );
      return;
    case 'garbage':
      response.writeHead(200, { 'content-type': reply.contentType ?? 'text/html' });
      response.end(reply.body ?? '<html>not a completion</html>');
      return;
    case 'calls':
      await sendCalls(send, reply);
      return;
    case 'hang':
      await sendText(send, reply.text ?? '', {});
      // Held open until the client gives up or the server is stopped.
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      return;
    case 'cut':
      await sendText(send, reply.text, reply);
      // Flushed first: what is still queued would be dropped with the connection.
      await new Promise<void>((resolve) => response.write('\n', () => resolve()));
      response.destroy();
      return;
    case 'unfinished':
      await sendText(send, reply.text, reply);
      response.end();
      return;
    case 'text': {
      const reason = reply.finishReason ?? 'stop';
      if (request.stream !== true) {
        sendJson(response, 200, completion(request, { role: 'assistant', content: reply.text }, reason));
        return;
      }
      await sendText(send, reply.text, reply);
      finish(send, reason, usageOf(request, reply, reply.text));
      return;
    }
    default:
      reply satisfies never;
  }
}

interface Send {
  readonly response: ServerResponse;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
}

type Pace = { readonly chunkSize?: number | undefined; readonly delayMs?: number | undefined };

async function sendText(
  { response, request, signal }: Send,
  text: string,
  { chunkSize = 12, delayMs = 0 }: Pace,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  writeEvent(response, chunk(request, { role: 'assistant', content: '' }, null));
  for (let at = 0; at < text.length && !signal.aborted; at += chunkSize) {
    if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    writeEvent(response, chunk(request, { content: text.slice(at, at + chunkSize) }, null));
  }
}

async function sendCalls(send: Send, reply: Extract<ModelReply, { kind: 'calls' }>): Promise<void> {
  const { response, request } = send;
  const toolCalls = reply.calls.map(({ name, arguments: given }, index) => ({
    index,
    id: `call_${index}`,
    type: 'function',
    function: { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
  }));
  const message = { role: 'assistant', content: reply.text ?? null, tool_calls: toolCalls };
  if (request.stream !== true) {
    sendJson(response, 200, completion(request, message, 'tool_calls'));
    return;
  }
  await sendText(send, reply.text ?? '', {});
  for (const { function: called, ...call } of toolCalls) {
    const middle = Math.ceil(called.arguments.length / 2);
    const parts = [called.arguments.slice(0, middle), called.arguments.slice(middle)];
    writeDelta(send, { tool_calls: [{ ...call, function: { ...called, arguments: parts[0] } }] });
    writeDelta(send, { tool_calls: [{ index: call.index, function: { arguments: parts[1] } }] });
  }
  finish(send, 'tool_calls', usageOf(request, reply, `${reply.text ?? ''}${JSON.stringify(toolCalls)}`));
}

function writeDelta({ response, request }: Send, delta: object): void {
  writeEvent(response, chunk(request, delta, null));
}

/** As OpenAI's servers do: after the finish reason, in a chunk without choices, and only where it was asked for. */
function finish({ response, request }: Send, reason: string, usage: object | undefined): void {
  writeEvent(response, chunk(request, {}, reason));
  if (usage !== undefined && request.stream_options?.include_usage === true) {
    writeEvent(response, { ...chunk(request, {}, null), choices: [], usage });
  }
  response.end('data: [DONE]\n\n');
}

function usageOf(
  request: ModelRequest,
  { usage }: { readonly usage?: { readonly input: unknown; readonly output: unknown } | null | undefined },
  written: string,
): object | undefined {
  if (usage === null) return undefined;
  const {
    input = Math.ceil(JSON.stringify(request.messages).length / 4),
    output = Math.ceil(written.length / 4),
  } = usage ?? {};
  return { prompt_tokens: input, completion_tokens: output, total_tokens: Number(input) + Number(output) };
}

function writeEvent(response: ServerResponse, data: object): void {
  response.write(`data: ${JSON.stringify(data)}\n\n`);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const head = { id: 'chatcmpl-scripted', created: 0 };

function chunk({ model }: ModelRequest, delta: object, reason: string | null): object {
  return {
    ...head,
    object: 'chat.completion.chunk',
    model,
    choices: [{ index: 0, delta, finish_reason: reason }],
  };
}

function completion({ model }: ModelRequest, message: object, reason: string): object {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  return {
    ...head,
    object: 'chat.completion',
    model,
    usage,
    choices: [{ index: 0, message, finish_reason: reason }],
  };
}
