import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import { answerAsScripted } from './answer-as-scripted.ts';
import { chatRequest } from './chat-request.ts';
import { sendChatAnswer } from './send-chat-answer.ts';

/** A model that says what a dialogue tells it to, reached as any other: over HTTP. */
export interface DialogueModel extends AsyncDisposable {
  /** For `OPENAI_BASE_URL`. */
  readonly url: string;
  /** What it answers by from now on; `said` is the person's message as the model gets it. */
  script(turn: DialogueTurn, said: string): void;
  /** Drops connections and stops listening. */
  stop(): Promise<void>;
}

/** Starts an OpenAI-compatible server on loopback that is scripted by the turns of a dialogue. */
export async function startDialogueModel(): Promise<DialogueModel> {
  let current: { readonly turn: DialogueTurn; readonly said: string } | undefined;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(400).end(JSON.stringify({ error: { message: String(error) } }));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = chatRequest.parse(JSON.parse(await readText(request)));
    if (current === undefined) throw new Error('No turn of a dialogue is played');
    sendChatAnswer(response, asked, answerAsScripted(asked, current.turn, current.said));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  const model: DialogueModel = {
    url: `http://127.0.0.1:${address.port}/v1`,
    script: (turn, said) => {
      current = { turn, said };
    },
    stop: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    [Symbol.asyncDispose]: () => model.stop(),
  };
  return model;
}
