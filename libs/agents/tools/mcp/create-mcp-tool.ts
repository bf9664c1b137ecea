import { type CallToolResult, ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { ToolError } from '#agents/errors';
import { shorten } from '#agents/shorten';
import type { Tool, ToolCall, ToolResult } from '#agents/tools/tool';
import type { Action } from '#contract/approval';
import type { McpTool } from '#playbook/playbook';
import type { McpLink } from './mcp-link.ts';
import type { McpSession } from './open-mcp-session.ts';
import { readMcpResult } from './read-mcp-result.ts';

/** A server that has just died is usually back soon. */
const longestWaitMs = 2_000;
const longestMessage = 500;

/** A tool that the playbook declares of a server. Its risk is the playbook's, whatever the server says of itself. */
export function createMcpTool(name: string, declared: McpTool, link: McpLink): Tool {
  const { risk, isRepeatable, timeoutMs, attempts, longestResult } = declared;
  const description = `A tool of the server ${link.server.name}.`;
  return {
    name,
    get description() {
      return link.known(name)?.description ?? description;
    },
    args: argsOf(name, link),
    risk,
    isRepeatable,
    timeoutMs,
    attempts: isRepeatable ? attempts : 1,
    longestResult,
    inputSchema: () => link.listed(name)?.shown,
    run: async (args, call) => {
      const session = await link.session(Math.min(longestWaitMs, timeoutMs / 2));
      const listed = session?.tools().get(name);
      if (session === undefined) throw away(name, link, 'cannot be reached now');
      if (listed === undefined) throw away(name, link, 'does not offer it now');
      if (listed.input?.safeParse(args).success !== true) throw away(name, link, 'has changed what it takes');
      const result = await callSession(name, declared, { link, session, args, call });
      checkOutput(name, result, listed.output, link);
      return result.read;
    },
  };
}

/** JSON checked by the server's own schema, as last seen; unseen, it is checked before the call. */
function argsOf(name: string, link: McpLink): z.ZodType<Action['args']> {
  return z.record(z.string(), z.json()).superRefine((value, context) => {
    const known = link.known(name);
    if (known === undefined) return;
    if (known.input === undefined) {
      context.addIssue({ code: 'custom', message: 'the schema that its server gives cannot be read' });
      return;
    }
    const read = known.input.safeParse(value);
    for (const { message, path } of read.error?.issues ?? []) {
      context.addIssue({ code: 'custom', message, path: [...path] });
    }
  });
}

interface SessionCall {
  readonly link: McpLink;
  readonly session: McpSession;
  readonly args: Action['args'];
  readonly call: ToolCall;
}

interface Answered {
  readonly raw: CallToolResult;
  readonly read: ToolResult;
}

async function callSession(
  name: string,
  { timeoutMs, isRepeatable }: McpTool,
  { link, session, args, call }: SessionCall,
): Promise<Answered> {
  let raw: CallToolResult;
  try {
    raw = await session.call(name, args, { ...call, timeoutMs });
  } catch (error) {
    // Hung, died, or started anew: somebody has to find out, and the next call shall not wait for it.
    if (!isRefusal(error)) void session.suspect();
    throw failureOf(name, error, link);
  }
  const read = readMcpResult(raw);
  if (raw.isError !== true) return { raw, read };
  // What is repeatable may be asked again; of anything else nobody knows how far it got.
  const wasApplied = isRepeatable ? 'no' : 'unknown';
  throw new ToolError(name, `\`${name}\` says: ${shorten(read.text, longestMessage)}`, { wasApplied });
}

function isRefusal(error: unknown): error is McpError {
  return (
    error instanceof McpError &&
    (error.code === ErrorCode.InvalidParams || error.code === ErrorCode.MethodNotFound)
  );
}

function failureOf(name: string, error: unknown, link: McpLink): ToolError {
  const message = error instanceof Error ? error.message : String(error);
  const text = `\`${name}\` of the server ${link.server.name} failed: ${shorten(message, longestMessage)}`;
  if (isRefusal(error)) return new ToolError(name, text, { wasApplied: 'no', cause: error });
  return new ToolError(name, text, { wasApplied: 'unknown', retryable: true, cause: error });
}

function checkOutput(name: string, { raw }: Answered, output: z.ZodType | undefined, link: McpLink): void {
  if (output === undefined || output.safeParse(raw.structuredContent).success) return;
  const text = `\`${name}\` of the server ${link.server.name} ran, but answered with something else than it promises.`;
  throw new ToolError(name, text, { wasApplied: 'unknown', retryable: false });
}

function away(name: string, link: McpLink, why: string): ToolError {
  const text = `\`${name}\` cannot be used: its server ${link.server.name} ${why}. Nothing was run.`;
  return new ToolError(name, text, { wasApplied: 'no', retryable: true });
}
