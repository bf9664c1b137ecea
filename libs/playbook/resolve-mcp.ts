import type { McpServer } from './playbook.ts';
import type { ToolsFile } from './schemas/tools-file.ts';

/** The servers of `tools.yaml`, by name. */
export function resolveMcp({ mcp }: ToolsFile): ReadonlyMap<string, McpServer> {
  return new Map(Object.entries(mcp).map(([name, server]) => [name, toServer(name, server)]));
}

function toServer(name: string, server: ToolsFile['mcp'][string]): McpServer {
  const transport =
    'url' in server
      ? ({ kind: 'http', url: server.url } as const)
      : ({ kind: 'stdio', command: server.command, args: server.args } as const);
  const tools = Object.entries(server.tools).map(
    ([tool, { risk, repeatable, timeout, attempts, longestResult }]) =>
      [
        tool,
        { risk, isRepeatable: repeatable, timeoutMs: timeout * 1_000, attempts, longestResult },
      ] as const,
  );
  return { name, transport, secrets: server.secrets, tools: new Map(tools) };
}
