import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { z } from 'zod';
import type { McpServer } from '#playbook/playbook';

/** Where a call carries its idempotency key; names of `_meta` have the prefix of who made them up. */
export const idempotencyMeta = 'dev.vagent/idempotency-key';

/** As the SDK limits a line of a child's output. */
const largestResponse = 10 * 1024 * 1024;

/** A child process with its secrets in a minimal environment, or a connection with its secrets as headers. */
export function createMcpTransport(
  { transport }: Pick<McpServer, 'transport'>,
  secrets: Readonly<Record<string, string>>,
): StdioClientTransport | StreamableHTTPClientTransport {
  if (transport.kind === 'stdio') {
    const { command, args } = transport;
    // The SDK adds HOME, LOGNAME, PATH, SHELL, TERM and USER, and nothing else of ours.
    return new StdioClientTransport({ command, args: [...args], env: { ...secrets }, stderr: 'pipe' });
  }
  return new StreamableHTTPClientTransport(new URL(transport.url), {
    requestInit: { headers: { ...secrets } },
    fetch: boundedFetch,
  });
}

/** Gives a call's idempotency key as a header too, and breaks off an answer that is too large. */
const boundedFetch: FetchLike = async (url, init) => {
  const headers = new Headers(init?.headers);
  const key = keyOf(init?.body);
  if (key !== undefined) headers.set('idempotency-key', key);
  const response = await fetch(url, { ...init, headers });
  // The stream of a GET stays open for as long as the server lives.
  if (init?.method !== 'POST' || response.body === null) return response;
  const { status, statusText } = response;
  return new Response(response.body.pipeThrough(countedStream()), {
    status,
    statusText,
    headers: response.headers,
  });
};

const keyedCall = z.object({
  params: z.object({ _meta: z.object({ [idempotencyMeta]: z.string().regex(/^[\x21-\x7e]{1,1024}$/) }) }),
});

function keyOf(body: unknown): string | undefined {
  if (typeof body !== 'string' || !body.includes(idempotencyMeta)) return undefined;
  return keyedCall.safeParse(JSON.parse(body)).data?.params._meta[idempotencyMeta];
}

function countedStream(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes > largestResponse)
        controller.error(new RangeError(`The answer is larger than ${largestResponse} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
