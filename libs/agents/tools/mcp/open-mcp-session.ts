import { loadMcpTools } from '@langchain/mcp-adapters';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ToolCall } from '#agents/tools/tool';
import type { McpServer } from '#playbook/playbook';
import { createMcpTransport, idempotencyMeta } from './create-mcp-transport.ts';
import { logLines } from './log-lines.ts';

/** A tool as the server describes it now. */
export interface ListedTool {
  readonly description: string;
  /** For models: without what they do not understand of JSON Schema. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** What arguments are checked by; undefined where the server's schema cannot be read. */
  readonly input: z.ZodType | undefined;
  readonly output: z.ZodType | undefined;
}

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
  /** Resolves when the connection has ended, however it ended. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

const startMs = 15_000;
const pingMs = 5_000;

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
    isClosing ??= endClient(client, transport).finally(onClosed);
    return isClosing;
  };
  if (transport instanceof StdioClientTransport) logLines(transport.stderr, log);
  let tools: ReadonlyMap<string, ListedTool> = new Map();
  try {
    const options = { timeout: startMs, signal };
    await client.connect(transport, options);
    tools = await listTools(server.name, client);
  } catch (error) {
    await close();
    throw error;
  }
  const refresh = async (): Promise<void> => {
    tools = await listTools(server.name, client);
    log.info({ tools: [...tools.keys()] }, 'tools of the server have changed');
  };
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
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => refresh().catch(suspect));
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

async function listTools(server: string, client: Client): Promise<ReadonlyMap<string, ListedTool>> {
  const raw = new Map<string, { input: unknown; output: unknown }>();
  for (
    let cursor: string | undefined, page = 0;
    page === 0 || (cursor !== undefined && page < 50);
    page += 1
  ) {
    const listed = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout: startMs });
    for (const { name, inputSchema, outputSchema } of listed.tools) {
      raw.set(name, { input: structuredClone(inputSchema), output: outputSchema });
    }
    cursor = listed.nextCursor;
  }
  const shown = await loadMcpTools(server, client, { throwOnLoadError: false });
  return new Map(
    shown.map(({ name, description, schema }) => {
      const { input, output } = raw.get(name) ?? {};
      return [
        name,
        {
          description,
          // The adapter makes tools whose schema is JSON Schema, never zod.
          shown: { ...schema },
          input: schemaOf(input),
          output: output === undefined ? undefined : (schemaOf(output) ?? z.never()),
        },
      ];
    }),
  );
}

function schemaOf(jsonSchema: unknown): z.ZodType | undefined {
  try {
    return z.fromJSONSchema(jsonSchema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return undefined;
  }
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
