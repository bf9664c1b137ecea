import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import { answerAsScripted } from './answer-as-scripted.ts';
import { chatRequest } from './chat-request.ts';
import { findTurn, type ScriptedTurn } from './find-turn.ts';
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

interface DialogueModelOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** What is answered by, found by the text of the message, as long as nobody calls `script`. */
  readonly turns?: readonly ScriptedTurn[];
}

/** Starts an OpenAI-compatible server on loopback that is scripted by the turns of dialogues. */
export async function startDialogueModel(options: DialogueModelOptions = {}): Promise<DialogueModel> {
  const { port = 0, turns = [] } = options;
  let current: Pick<ScriptedTurn, 'turn' | 'said'> | undefined;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(400).end(JSON.stringify({ error: { message: String(error) } }));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = chatRequest.parse(JSON.parse(await readText(request)));
    const scripted = current ?? findTurn(asked, turns);
    if (scripted === undefined) throw new Error('No dialogue has this message');
    sendChatAnswer(response, asked, answerAsScripted(asked, scripted.turn, scripted.said));
  }

  server.listen(port, '127.0.0.1');
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
