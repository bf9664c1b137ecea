import type { Logger } from 'pino';
import { DuplicateToolError } from '#agents/errors';
import type { Tool } from '#agents/tools/tool';
import type { Playbook } from '#playbook/playbook';
import type { Backoff } from '#runtime/backoff-ms';
import { readMcpSecrets } from './read-mcp-secrets.ts';

export interface McpTools extends AsyncDisposable {
  /** Only those that the playbook declares. */
  readonly tools: readonly Tool[];
  /** For metrics and `doctor`: whether each server is connected. */
  states(): readonly { readonly server: string; readonly isConnected: boolean }[];
  /** Ends the connections and the child processes. */
  close(): Promise<void>;
}

export interface McpOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Aborted: everything is closed. */
  readonly signal: AbortSignal;
  /** How long to wait for the servers at the start, default 5 s; those that are late come later. */
  readonly startMs?: number;
  /** Between two tries to reach a server. */
  readonly backoff?: Backoff;
}

/**
 * Opens the servers of a playbook's `tools.yaml` and keeps them connected. A server that is away stops nobody: its
 * tools fail with words until it is back.
 *
 * @throws {McpSecretsError}
 * @throws {DuplicateToolError} when two servers give a tool of one name; a clash with a built-in one is the
 * registry's to refuse.
 */
export async function openMcpTools(servers: Playbook['mcp'], options: McpOptions): Promise<McpTools> {
  refuseDuplicates(servers);
  const secrets = readMcpSecrets(servers.values(), options.env);
  if (servers.size === 0) return { tools: [], states: () => [], close, [Symbol.asyncDispose]: close };
  // Loaded only where there are servers: most workers have none, and start sooner.
  const [{ McpLink }, { createMcpTool }] = await Promise.all([
    import('./mcp-link.ts'),
    import('./create-mcp-tool.ts'),
  ]);
  const { log, signal, startMs = 5_000, backoff } = options;
  const links = [...servers.values()].map(
    (server) =>
      new McpLink(server, {
        secrets: secrets.get(server.name) ?? {},
        log: log.child({ mcp: server.name }),
        ...(backoff === undefined ? {} : { backoff }),
      }),
  );
  const stop = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort);
    await Promise.all(links.map((link) => link.stop()));
  };
  const onAbort = (): void => void stop();
  signal.addEventListener('abort', onAbort, { once: true });
  // It may have been aborted while the code was loaded.
  if (signal.aborted) onAbort();
  for (const link of links) link.start();
  await Promise.all(links.map((link) => link.session(startMs)));
  return {
    tools: links.flatMap((link) =>
      [...link.server.tools].map(([name, declared]) => createMcpTool(name, declared, link)),
    ),
    states: () => links.map((link) => ({ server: link.server.name, isConnected: link.isConnected })),
    close: stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function close(): Promise<void> {}

function refuseDuplicates(servers: Playbook['mcp']): void {
  const seen = new Set<string>();
  for (const name of [...servers.values()].flatMap(({ tools }) => [...tools.keys()])) {
    if (seen.has(name)) throw new DuplicateToolError(name);
    seen.add(name);
  }
}
