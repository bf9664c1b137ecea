import { z } from 'zod';
import { risk } from '#contract/approval';
import { duration } from './duration.ts';
import { environmentVariable, id, toolName } from './names.ts';
import { text } from './text.ts';

const mcpTool = z
  .strictObject({
    risk: risk.default('high').describe('low, medium or high; low runs without asking anybody'),
    repeatable: z.boolean().default(false).describe('true when calling it twice is safe'),
    timeout: duration.default(15),
    attempts: z.int().min(1).max(10).default(1).describe('how often it is tried, 1 to 10'),
    longestResult: z.int().min(100).max(1_000_000).default(20_000).describe('a number of characters'),
  })
  .describe('risk, repeatable, timeout, attempts and longestResult');

const shared = {
  secrets: z
    .record(text(100).regex(/^[A-Za-z0-9_-]+$/, 'is no name of a variable or header'), environmentVariable)
    .default({})
    .describe('a mapping of the name that the server sees to the environment variable that holds the secret'),
  tools: z.record(toolName, mcpTool).default({}).describe('a mapping of the tools that are on'),
};

const server = z
  .union([
    z.strictObject({
      command: text(1_000).describe('the program to start'),
      args: z.array(z.string().max(4_000)).max(100).default([]).describe('a list of its arguments'),
      ...shared,
    }),
    z.strictObject({ url: z.url({ protocol: /^https?$/ }).describe('an http or https address'), ...shared }),
  ])
  .describe('a server with command and args, or with url');

/** `tools.yaml` */
export const toolsFile = z
  .strictObject({
    mcp: z.record(id, server).default({}).describe('a mapping of servers of the Model Context Protocol'),
  })
  .describe('mcp');
export type ToolsFile = z.output<typeof toolsFile>;
