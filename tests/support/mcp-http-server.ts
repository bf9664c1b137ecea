import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createMcpTestServer, createMcpTestState, type McpTestState } from './mcp-test-tools.ts';

export interface McpHttpServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Of every POST. */
  readonly headers: readonly IncomingHttpHeaders[];
  readonly state: McpTestState;
}

/** A server over streamable HTTP on loopback, with a session for each client. */
export async function startMcpHttpServer(
  options: { readonly port?: number; readonly listing?: McpTestState['listing'] } = {},
): Promise<McpHttpServer> {
  const state = createMcpTestState(options.listing);
  const headers: IncomingHttpHeaders[] = [];
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    // The SDK's own types disagree under exactOptionalPropertyTypes.
    await createMcpTestServer(state).connect(transport as Transport);
    return transport;
  };
  const http = createServer((request, response) => {
    if (request.method === 'POST') headers.push(request.headers);
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known === undefined) return void response.writeHead(404).end();
    void Promise.resolve(known ?? open()).then((transport) => transport.handleRequest(request, response));
  });
  http.listen(options.port ?? 0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    port: address.port,
    headers,
    state,
    [Symbol.asyncDispose]: async () => {
      if (!http.listening) return;
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}
