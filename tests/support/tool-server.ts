import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

export interface ToolServer extends AsyncDisposable {
  /** For `RECORDS_URL`. */
  readonly url: string;
  /** Every call that arrived, oldest first; a repeated one too. */
  readonly calls: readonly { readonly key: string; readonly project: string }[];
  /** How often each idempotency key was applied: 1, or the server itself is wrong. */
  readonly applied: ReadonlyMap<string, number>;
  /**
   * The next calls: `error` answers 500 before, `lost` drops the connection after it was applied, `hang` never answers,
   * `slow` takes three seconds.
   */
  misbehave(...ways: Way[]): void;
  stop(): Promise<void>;
}

type Way = 'error' | 'lost' | 'hang' | 'slow';
const slowMs = 3_000;

const wanted = z.object({ project: z.string() });

/**
 * Starts the outside world of the tests: a records store on loopback, `DELETE /projects/:project/records` with an
 * `Idempotency-Key`. `GET /calls` gives what arrived.
 */
export async function startToolServer(options: { port?: number } = {}): Promise<ToolServer> {
  const calls: { key: string; project: string }[] = [];
  const applied = new Map<string, number>();
  const answers = new Map<string, object>();
  const ways: Way[] = [];
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(400).end(String(error)));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await readText(request);
    if (request.url === '/calls') return send(response, 200, { calls, applied: Object.fromEntries(applied) });
    const match = /^\/projects\/([^/]+)\/records$/.exec(request.url ?? '');
    const key = request.headers['idempotency-key'];
    if (request.method !== 'DELETE' || match === null || typeof key !== 'string')
      return send(response, 404, {});
    const { project } = wanted.parse({ project: decodeURIComponent(match[1] ?? '') });
    calls.push({ key, project });
    const way = ways.shift();
    if (way === 'hang') return;
    if (way === 'slow') await sleep(slowMs);
    if (way === 'error') return send(response, 500, {});
    const answer = answers.get(key) ?? { project, deleted: 100 + project.length };
    if (!answers.has(key)) applied.set(key, (applied.get(key) ?? 0) + 1);
    answers.set(key, answer);
    if (way === 'lost') return void response.destroy();
    send(response, 200, answer);
  }

  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  const tool: ToolServer = {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    applied,
    misbehave: (...next) => void ways.push(...next),
    stop: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    [Symbol.asyncDispose]: () => tool.stop(),
  };
  return tool;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

if (import.meta.main) {
  const server = await startToolServer({ port: Number(process.env['PORT'] ?? 0) });
  process.stdout.write(`tool server at ${server.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop());
}
