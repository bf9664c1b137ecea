import { z } from 'zod';
import { DuplicateToolError, UnsafeToolError } from '#agents/errors';
import { type Action, actionOf, args as jsonArgs } from '#contract/approval';
import type { Tool } from './tool.ts';

/** What a model and an agent may know of a tool. */
export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One argument that is missing or wrong, in words for the person who asked. */
export interface ArgumentProblem {
  readonly argument: string;
  readonly isMissing: boolean;
  readonly message: string;
}

export type CheckedAction =
  | { readonly ok: true; readonly action: Action; readonly tool: Tool }
  | { readonly ok: false; readonly reason: 'unknown_tool' }
  | { readonly ok: false; readonly reason: 'bad_arguments'; readonly problems: readonly ArgumentProblem[] };

export interface ToolRegistry {
  get(name: string): Tool | undefined;
  names(): readonly string[];
  /** Of the tools that are there now. */
  descriptions(): readonly ToolDescription[];
  /**
   * The one gate between what somebody wants and what may be proposed or run: the tool exists and its schema
   * accepts the arguments. The action holds the arguments as the schema returned them, with their digest.
   */
  check(name: string, args: unknown): CheckedAction;
}

/**
 * A registry of the given tools by name.
 *
 * @throws {DuplicateToolError}
 * @throws {UnsafeToolError} for a tool that would run by itself, or again, and is not safe to repeat.
 */
export function createToolRegistry(tools: readonly Tool[]): ToolRegistry {
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    if (byName.has(tool.name)) throw new DuplicateToolError(tool.name);
    refuseUnsafe(tool);
    byName.set(tool.name, tool);
  }
  const described = new Map(
    tools.filter((tool) => tool.inputSchema === undefined).map((tool) => [tool, describe(tool)]),
  );
  return {
    get: (name) => byName.get(name),
    names: () => [...byName.keys()],
    descriptions: () => tools.flatMap((tool) => described.get(tool) ?? describeNow(tool)),
    check: (name, args) => check(byName.get(name), args),
  };
}

function refuseUnsafe({ name, risk, isRepeatable, attempts = 1 }: Tool): void {
  if (isRepeatable) return;
  if (risk === 'low') {
    // A turn that broke off is run again from its start, and a tool of low risk runs within it.
    throw new UnsafeToolError(
      name,
      'its risk is low, so it must be repeatable; if it is not, its risk is medium',
    );
  }
  if (attempts > 1) throw new UnsafeToolError(name, `it has ${attempts} attempts, so it must be repeatable`);
}

function describe(tool: Tool): ToolDescription {
  const { $schema: _, ...schema } = z.toJSONSchema(tool.args, { io: 'input' });
  return { name: tool.name, description: tool.description, schema };
}

function describeNow({ name, description, inputSchema }: Tool): ToolDescription[] {
  const schema = inputSchema?.();
  return schema === undefined ? [] : [{ name, description, schema }];
}

function check(tool: Tool | undefined, args: unknown): CheckedAction {
  if (tool === undefined) return { ok: false, reason: 'unknown_tool' };
  const accepted = tool.args.safeParse(args);
  if (!accepted.success) {
    return {
      ok: false,
      reason: 'bad_arguments',
      problems: accepted.error.issues.flatMap((i) => describeIssue(i, args)),
    };
  }
  // A schema may transform; what is hashed, shown to reviewers and run must be JSON all the same.
  const json = jsonArgs.safeParse(accepted.data);
  if (!json.success) {
    const message = 'the tool turned it into something that JSON cannot hold';
    return { ok: false, reason: 'bad_arguments', problems: [{ argument: '', isMissing: false, message }] };
  }
  return { ok: true, action: actionOf(tool.name, json.data), tool };
}

function describeIssue(issue: z.core.$ZodIssue, args: unknown): ArgumentProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((argument) => ({
      argument,
      isMissing: false,
      message: 'is not an argument of this tool',
    }));
  }
  const argument = issue.path.join('.');
  return [{ argument, isMissing: isMissing(args, issue.path), message: issue.message }];
}

function isMissing(args: unknown, path: readonly PropertyKey[]): boolean {
  let value = args;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return true;
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
  }
  return value === undefined;
}
