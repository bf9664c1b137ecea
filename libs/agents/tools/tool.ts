import type { z } from 'zod';
import type { Action, Risk } from '#contract/approval';
import type { Json } from '#contract/canonical-json';

/** What a tool reports: `text` is Markdown for the person who asked, `data` is for programs. */
export interface ToolResult {
  readonly text: string;
  readonly data?: Json;
}

export interface ToolCall {
  /** The outside world applies a key once: a call with a key that it has seen answers as the first did. */
  readonly idempotencyKey: string;
  /** Aborted at the tool's timeout, and when the turn has lost its lease. */
  readonly signal: AbortSignal;
}

/** Something that vagent can do outside of its conversations. */
export interface Tool<Args extends Action['args'] = Action['args']> {
  readonly name: string;
  readonly description: string;
  /** Strict: an argument that it does not name is refused. */
  readonly args: z.ZodType<Args>;
  /** The least risk: a playbook may raise it, never lower it. `low` runs without asking, so it has to be repeatable. */
  readonly risk: Risk;
  /** True when calling again with the same idempotency key is safe. */
  readonly isRepeatable: boolean;
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Calls in all when an attempt's fate is unknown; only for repeatable tools. Default 3 for these, 1 for others. */
  readonly attempts?: number;
  /** Characters of `text` that are kept, default 4000. */
  readonly longestResult?: number;
  /** What `data` looks like: a result with other data is a call that did not succeed. */
  readonly data?: z.ZodType<Json>;
  /**
   * JSON Schema of the arguments as models are shown it, where `args` cannot say it; undefined while the tool is not
   * there, so that nobody is told of it.
   */
  readonly inputSchema?: () => Readonly<Record<string, unknown>> | undefined;
  /**
   * @throws {ToolError} with `wasApplied: 'no'` when it is certain that nothing happened outside; any other error
   * leaves it unknown.
   */
  run(args: Args, call: ToolCall): Promise<ToolResult>;
}
