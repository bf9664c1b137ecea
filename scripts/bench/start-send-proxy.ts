import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { vagentContent, vagentContentKey } from '#contract/vagent-content';

export interface SendProxy extends AsyncDisposable {
  readonly url: string;
}

const sentContent = z.object({ [vagentContentKey]: vagentContent });

/** Stands between egress and the homeserver, and tells when a PUT of a message for a turn has come in. */
export async function startSendProxy(
  homeserver: string,
  onSend: (turn: string, at: number) => void,
): Promise<SendProxy> {
  const server = createServer((incoming, outgoing) => {
    const at = performance.now();
    pass(homeserver, incoming, outgoing, (body) => {
      if (incoming.method !== 'PUT' || !incoming.url?.includes('/send/')) return;
      const content = sentContent.safeParse(JSON.parse(body));
      if (content.success) onSend(content.data[vagentContentKey].turn, at);
    }).catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function pass(
  homeserver: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onBody: (body: string) => void,
): Promise<void> {
  const body = await text(incoming);
  onBody(body);
  const { method = 'GET', headers, url = '/' } = incoming;
  const onward = request(new URL(url, homeserver), { method, headers });
  onward.end(body);
  // An event's first argument, which the types do not know.
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(outgoing);
}
