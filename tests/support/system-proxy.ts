import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface HoldingProxy extends AsyncDisposable {
  readonly url: string;
  /** The next request that matches is passed on, but its answer is kept back until the client has gone. */
  holdNext(method: string, path: RegExp): { readonly held: Promise<void> };
}

interface Hold {
  readonly method: string;
  readonly path: RegExp;
  readonly onHeld: () => void;
}

/** A proxy before a homeserver, for the moment in which a request was applied and nobody knows yet. */
export async function startHoldingProxy(target: string): Promise<HoldingProxy> {
  const holds: Hold[] = [];
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const { authorization = '', 'content-type': type = 'application/json' } = headers;
    const body = await buffer(request);
    const answer = await fetch(`${target}${url}`, {
      method,
      headers: { authorization, 'content-type': type },
      ...(body.length > 0 ? { body } : {}),
    });
    const text = await answer.text();
    const index = holds.findIndex((one) => one.method === method && one.path.test(url));
    const [hold] = index < 0 ? [] : holds.splice(index, 1);
    if (hold !== undefined) {
      hold.onHeld();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    holdNext: (method, path) => {
      const { promise: held, resolve: onHeld } = Promise.withResolvers<void>();
      holds.push({ method, path, onHeld });
      return { held };
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
