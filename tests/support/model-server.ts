import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { z } from 'zod';
import { forcedFunction } from './forced-function.ts';
import { lastUserText, type ModelReply, type ModelRequest, modelReply, modelRequest } from './model-reply.ts';
import { sendModelReply } from './send-model-reply.ts';

export interface ModelServer extends AsyncDisposable {
  /** For `OPENAI_BASE_URL`. */
  readonly url: string;
  /** Every request that was read, oldest first, with its bearer token. */
  readonly requests: readonly (ModelRequest & { readonly token: string })[];
  /** The next requests get these replies, one each, before anything that `on` says. */
  queue(...replies: ModelReply[]): void;
  /**
   * Requests whose last user message matches get these replies, one each, the last of them for ever. `to` narrows
   * it to requests that force this function, or with null to those that force none. Later rules win.
   */
  on(pattern: RegExp, replies: readonly ModelReply[], to?: string | null): void;
  /** Drops connections and stops listening. */
  stop(): Promise<void>;
}

interface Rule {
  readonly pattern: RegExp;
  readonly to: string | null | undefined;
  readonly replies: ModelReply[];
}

/**
 * Starts an OpenAI-compatible chat completions server on loopback that does what it is told. Untold, it understands
 * "delete all records of project X" and questions, and answers from the first source it is given, unless `untold` says
 * otherwise. Over HTTP:
 * `POST /script` with `{queue}` or `{on, replies, to}`, `GET /requests`.
 */
export async function startModelServer(
  options: { readonly port?: number; readonly untold?: (request: ModelRequest) => ModelReply } = {},
): Promise<ModelServer> {
  const requests: (ModelRequest & { token: string })[] = [];
  const queued: ModelReply[] = [];
  const rules: Rule[] = [];
  const stopping = new AbortController();
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(400).end(String(error));
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/requests') return void response.end(JSON.stringify(requests));
    const body: unknown = JSON.parse(await readText(request));
    if (request.url === '/script') {
      script(model, body);
      return void response.end('{}');
    }
    const asked = modelRequest.parse(body);
    requests.push({ ...asked, token: request.headers.authorization?.replace(/^Bearer /, '') ?? '' });
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const reply = queued.shift() ?? byRule(rules, asked) ?? (options.untold ?? untold)(asked);
    await sendModelReply(response, asked, reply, AbortSignal.any([gone.signal, stopping.signal]));
  }

  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  const model: ModelServer = {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests,
    queue: (...replies) => void queued.push(...replies),
    on: (pattern, replies, to) => void rules.unshift({ pattern, to, replies: [...replies] }),
    stop: async () => {
      stopping.abort();
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    [Symbol.asyncDispose]: () => model.stop(),
  };
  return model;
}

const scripted = z.union([
  z.object({ queue: z.array(modelReply) }),
  z.object({ on: z.string(), replies: z.array(modelReply).min(1), to: z.string().nullable().optional() }),
]);

function script(model: ModelServer, body: unknown): void {
  const told = scripted.parse(body);
  if ('queue' in told) model.queue(...told.queue);
  else model.on(new RegExp(told.on, 'i'), told.replies, told.to);
}

function byRule(rules: readonly Rule[], request: ModelRequest): ModelReply | undefined {
  const rule = rules.find(
    ({ pattern, to }) =>
      pattern.test(lastUserText(request)) && (to === undefined || to === forcedFunction(request)),
  );
  return rule === undefined || rule.replies.length === 1 ? rule?.replies[0] : rule.replies.shift();
}

function untold(request: ModelRequest): ModelReply {
  const text = lastUserText(request);
  const name = forcedFunction(request);
  if (name === null) {
    const system = request.messages.find(({ role }) => role === 'system')?.content;
    const source =
      typeof system === 'string' ? /^\[1\] .*\n+([\s\S]*?)(?=\n+\[2\] |$)/m.exec(system)?.[1] : undefined;
    return { kind: 'text', text: source === undefined ? 'I do not know that.' : `${source.trim()} [1]` };
  }
  const project = /^(?:please )?delete all records of project (\S+?)[.!]?$/i.exec(text.trim())?.[1];
  const command =
    project === undefined
      ? { command: 'digress', digression: 'question', text }
      : { command: 'start_flow', flow: 'delete_records', slots: { project } };
  return { kind: 'calls', calls: [{ name, arguments: { commands: [command] } }] };
}

if (import.meta.main) {
  const port = Number(process.env['PORT'] ?? 0);
  const server = await startModelServer({ port });
  process.stdout.write(`model server at ${server.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop());
}
