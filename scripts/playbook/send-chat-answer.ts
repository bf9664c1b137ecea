import type { ServerResponse } from 'node:http';
import type { ChatRequest } from './chat-request.ts';

/** What a scripted model answers: words, or calls. */
export type ChatAnswer =
  | { readonly text: string }
  | { readonly calls: readonly { readonly name: string; readonly arguments: unknown }[] };

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const piece = 40;

/** Sends an answer in the form of OpenAI's chat completions, streamed where the request asks for it. */
export function sendChatAnswer(response: ServerResponse, request: ChatRequest, answer: ChatAnswer): void {
  const head = { id: 'chatcmpl-dialogue', created: 0, model: request.model };
  const reason = 'text' in answer ? 'stop' : 'tool_calls';
  if (request.stream !== true) {
    const message = { role: 'assistant', ...bodyOf(answer) };
    const choices = [{ index: 0, message, finish_reason: reason }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...head, object: 'chat.completion', usage, choices }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const write = (part: object): void => {
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...part })}\n\n`);
  };
  const send = (delta: object, finish: string | null): void =>
    write({ choices: [{ index: 0, delta, finish_reason: finish }] });
  if ('text' in answer) {
    send({ role: 'assistant', content: '' }, null);
    for (let at = 0; at < answer.text.length; at += piece) {
      send({ content: answer.text.slice(at, at + piece) }, null);
    }
  } else {
    send({ role: 'assistant', ...bodyOf(answer) }, null);
  }
  send({}, reason);
  write({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}

function bodyOf(answer: ChatAnswer): object {
  if ('text' in answer) return { content: answer.text };
  const calls = answer.calls.map(({ name, arguments: given }, index) => ({
    index,
    id: `call_${index}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(given) },
  }));
  return { content: null, tool_calls: calls };
}
