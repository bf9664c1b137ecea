import { loadMcpTools } from '@langchain/mcp-adapters';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

/** A tool as the server describes it now. */
export interface ListedTool {
  readonly description: string;
  /** For models: without what they do not understand of JSON Schema. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** What arguments are checked by; undefined where the server's schema cannot be read. */
  readonly input: z.ZodType | undefined;
  readonly output: z.ZodType | undefined;
}

const pageMs = 15_000;
const mostPages = 50;
const mostTools = 1_000;

/**
 * Asks a server for its tools, page by page, at most 50 pages of a thousand tools in all.
 *
 * @throws what the connection failed with, and the reason of `signal`.
 */
export async function listMcpTools(
  server: string,
  client: Client,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ListedTool>> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages && tools.length < mostTools; page += 1) {
    const options = { timeout: pageMs, ...(signal && { signal }) };
    const listed = await client.listTools(cursor === undefined ? {} : { cursor }, options);
    tools.push(...listed.tools);
    cursor = listed.nextCursor;
    if (cursor === undefined) break;
  }
  // As the server gave them: the adapter changes what it reads.
  const raw = new Map(
    tools.map(({ name, inputSchema, outputSchema }) => [
      name,
      { input: structuredClone(inputSchema), output: outputSchema },
    ]),
  );
  // The adapter would ask for all pages again, without a limit. Object.create is typed as any.
  const listed: Client = Object.assign(Object.create(client), { listTools: async () => ({ tools }) });
  const shown = await loadMcpTools(server, listed, { throwOnLoadError: false });
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
