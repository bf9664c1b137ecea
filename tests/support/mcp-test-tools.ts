import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  McpError,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

/** What all sessions of one test server share. */
export interface McpTestState {
  readonly applied: Map<string, number>;
  hasHidden: boolean;
  total: number;
  /** Default: its list has one page, and it tells when that has changed. */
  readonly listing?: 'endless' | 'restless' | 'silent' | undefined;
  /** How often it was asked for its list; of these, how many at once now, and at most. */
  readonly listed: { times: number; most: number; now: number };
}

const object = { type: 'object' as const };
const key = 'dev.vagent/idempotency-key';

const tools: readonly Tool[] = [
  {
    name: 'echo',
    description: 'Says it again.',
    inputSchema: {
      ...object,
      properties: { text: { type: 'string', maxLength: 100 } },
      required: ['text'],
      additionalProperties: false,
    },
  },
  {
    name: 'environment',
    inputSchema: object,
    outputSchema: { ...object, properties: { names: { type: 'array' } } },
  },
  { name: 'slow', inputSchema: { ...object, properties: { ms: { type: 'integer' } }, required: ['ms'] } },
  { name: 'die', inputSchema: object },
  {
    name: 'giant',
    inputSchema: { ...object, properties: { length: { type: 'integer' } }, required: ['length'] },
  },
  {
    name: 'lie',
    inputSchema: object,
    outputSchema: { ...object, properties: { n: { type: 'number' } }, required: ['n'] },
  },
  { name: 'complain', inputSchema: object },
  {
    name: 'count',
    inputSchema: { ...object, properties: { by: { type: 'integer', minimum: 1 } }, required: ['by'] },
    outputSchema: { ...object, properties: { total: { type: 'integer' } }, required: ['total'] },
  },
  { name: 'reveal', inputSchema: { ...object, properties: { on: { type: 'boolean' } }, required: ['on'] } },
  { name: 'odd', inputSchema: { ...object, properties: { a: { $ref: '#/$defs/missing' } } } },
  { name: 'undeclared', inputSchema: object },
];
const hidden: Tool = { name: 'hidden', inputSchema: object };

const any = z
  .object({ text: z.string(), ms: z.number(), length: z.number(), by: z.number(), on: z.boolean() })
  .partial();

export function createMcpTestState(listing?: McpTestState['listing']): McpTestState {
  const listed = { times: 0, most: 0, now: 0 };
  return { applied: new Map(), hasHidden: false, total: 0, listing, listed };
}

/** One session of a server with tools that behave and tools that do not. */
export function createMcpTestServer(state: McpTestState): Server {
  const server = new Server(
    { name: 'test', version: '1' },
    { capabilities: { tools: { listChanged: true } } },
  );
  const text = (said: string): CallToolResult => ({ content: [{ type: 'text', text: said }] });
  server.setRequestHandler(ListToolsRequestSchema, async () => {
    const { listed } = state;
    listed.times += 1;
    listed.now += 1;
    listed.most = Math.max(listed.most, listed.now);
    if (state.listing === 'silent') await new Promise(() => {});
    if (state.listing === 'restless') {
      await server.sendToolListChanged();
      await sleep(20);
    }
    listed.now -= 1;
    const all = state.hasHidden ? [...tools, hidden] : [...tools];
    return state.listing === 'endless' ? { tools: all, nextCursor: 'again' } : { tools: all };
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }): Promise<CallToolResult> => {
    const args = any.parse(params.arguments ?? {});
    const idempotencyKey = String(params._meta?.[key]);
    switch (params.name) {
      case 'echo':
        return text(`${args.text} under ${idempotencyKey}`);
      case 'environment':
        return {
          content: [],
          structuredContent: { names: Object.keys(process.env).sort(), token: process.env['TOKEN'] },
        };
      case 'slow':
        await sleep(args.ms ?? 0);
        return text('at last');
      case 'die':
        process.exit(1);
        break;
      case 'giant':
        return text('x'.repeat(args.length ?? 0));
      case 'lie':
        return { content: [], structuredContent: { n: 'seven' } };
      case 'complain':
        return { ...text('I do not want to.'), isError: true };
      case 'count': {
        if (!state.applied.has(idempotencyKey)) state.total += args.by ?? 0;
        state.applied.set(idempotencyKey, state.applied.get(idempotencyKey) ?? state.total);
        return { content: [], structuredContent: { total: state.applied.get(idempotencyKey) } };
      }
      case 'reveal':
        state.hasHidden = args.on ?? false;
        await server.sendToolListChanged();
        return text('done');
      case 'hidden':
        return text('found');
      default:
        throw new McpError(-32602, `There is no tool ${params.name}`);
    }
  });
  return server;
}
