import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pino from 'pino';
import { connectMatrix } from '#matrix/connect-matrix';
import type { MatrixRequest } from '#matrix/matrix-client';

export type MediaAnswer = (request: IncomingMessage, response: ServerResponse) => void;

export interface MediaServer extends AsyncDisposable {
  readonly url: string;
  readonly request: MatrixRequest;
  /** Paths of everything that was asked for but whoami, in order. */
  readonly asked: string[];
}

/** A homeserver with a media store that does as it is told, and a client of it. */
export async function startMediaServer(answer: MediaAnswer): Promise<MediaServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/whoami') === true) {
      response.end(JSON.stringify({ user_id: '@bot:localhost', device_id: 'DEV' }));
      return;
    }
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  const url = `http://127.0.0.1:${address.port}`;
  const { request } = await connectMatrix(
    { homeserver: url, access: { kind: 'token', token: 'secret-token' }, deviceId: 'unused' },
    {
      log: pino({ level: 'silent' }),
      tokens: { load: async () => undefined, save: async () => undefined, exclusively: (work) => work() },
    },
  );
  return {
    url,
    request,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
