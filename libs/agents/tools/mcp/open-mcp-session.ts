import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Logger } from 'pino';
import type { ToolCall } from '#agents/tools/tool';
import type { McpServer } from '#playbook/playbook';
import { createMcpTransport, idempotencyMeta } from './create-mcp-transport.ts';
import { type ListedTool, listMcpTools } from './list-mcp-tools.ts';
import { logLines } from './log-lines.ts';

export interface McpSession {
  tools(): ReadonlyMap<string, ListedTool>;
  /** @throws {McpError} when the server refuses; another error when the connection is at fault. */
  call(
    tool: string,
    args: Record<string, unknown>,
    call: ToolCall & { readonly timeoutMs: number },
  ): Promise<CallToolResult>;
  /** Asks the server whether it is still there, and closes the session if it is not. */
  suspect(): Promise<void>;
  /** Resolves when the connection has ended, however it ended, and as soon as it is being closed. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

const connectMs = 15_000;
const pingMs = 5_000;
const refreshPauseMs = 100;

/**
 * Connects to a server and reads its tools; both again when it says that they have changed.
 *
 * @throws what the connection failed with; no child process is left then.
 */
export async function openMcpSession(
  server: McpServer,
  { secrets, log, signal }: { secrets: Readonly<Record<string, string>>; log: Logger; signal: AbortSignal },
): Promise<McpSession> {
  const transport = createMcpTransport(server, secrets);
  const client = new Client(
    { name: 'vagent', version: '1' },
    // A schema that cannot be compiled must not hide the other tools: what comes back is checked by the tool itself.
    {
      jsonSchemaValidator: {
        getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
      },
    },
  );
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
  client.onclose = onClosed;
  let isClosing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    // A child may take its time to end: nobody is to call it meanwhile.
    onClosed();
    isClosing ??= endClient(client, transport);
    return isClosing;
  };
  if (transport instanceof StdioClientTransport) logLines(transport.stderr, log);
  let tools: ReadonlyMap<string, ListedTool> = new Map();
  let isStale = false;
  let onChanged = async (): Promise<void> => {
    isStale = true;
  };
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => onChanged());
  try {
    tools = await start(server.name, client, transport, signal);
  } catch (error) {
    await close();
    throw error;
  }
  const refresh = oneAtATime(async () => {
    tools = await listMcpTools(server.name, client);
    log.info({ tools: [...tools.keys()] }, 'tools of the server have changed');
  });
  let isAsking: Promise<void> | undefined;
  const suspect = (): Promise<void> => {
    isAsking ??= client
      .ping({ timeout: pingMs })
      .then(() => undefined, close)
      .finally(() => {
        isAsking = undefined;
      });
    return isAsking;
  };
  onChanged = () => refresh().catch(suspect);
  if (isStale) void onChanged();
  client.onerror = (error) => {
    log.debug({ err: error }, 'the connection to the server had an error');
    void suspect();
  };
  return {
    tools: () => tools,
    call: (tool, args, call) => callTool(client, tool, args, call),
    suspect,
    closed,
    close,
  };
}

async function start(
  server: string,
  client: Client,
  transport: ReturnType<typeof createMcpTransport>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ListedTool>> {
  signal.throwIfAborted();
  // For this start alone: the client takes none of its listeners off a signal again.
  const ends = new AbortController();
  const onAbort = (): void => ends.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await client.connect(transport, { timeout: connectMs, signal: ends.signal });
    return await listMcpTools(server, client, ends.signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function callTool(
  client: Client,
  tool: string,
  args: Record<string, unknown>,
  { idempotencyKey, signal, timeoutMs }: ToolCall & { readonly timeoutMs: number },
): Promise<CallToolResult> {
  const params = { name: tool, arguments: args, _meta: { [idempotencyMeta]: idempotencyKey } };
  // The tool's own timeout aborts the signal first; this one ends what ignores it.
  const limits = { signal, timeout: timeoutMs + 1_000, maxTotalTimeout: timeoutMs + 1_000 };
  return client.request({ method: 'tools/call', params }, CallToolResultSchema, limits);
}

/** Once more, after a pause, for all calls that came while it worked: a server may say "changed" with every list. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let isWorking = false;
  let isWanted = false;
  return async () => {
    isWanted = true;
    if (isWorking) return;
    isWorking = true;
    try {
      while (isWanted) {
        isWanted = false;
        await work();
        await sleep(refreshPauseMs, undefined, { ref: false });
      }
    } finally {
      isWorking = false;
    }
  };
}

/** Best effort: the session is given up in any case, and a server that is away cannot be told. */
async function endClient(client: Client, transport: ReturnType<typeof createMcpTransport>): Promise<void> {
  if (!(transport instanceof StdioClientTransport)) {
    const ends = transport.terminateSession().catch(() => undefined);
    await Promise.race([ends, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
  }
  // Of a child: end of its input, then SIGTERM after 2 s, then SIGKILL after another 2 s.
  await client.close().catch(() => undefined);
  await transport.close().catch(() => undefined);
}
