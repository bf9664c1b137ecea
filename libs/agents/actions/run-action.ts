import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '#agents/errors';
import { limitResult } from '#agents/tools/limit-result';
import type { Tool } from '#agents/tools/tool';
import type { Action } from '#contract/approval';
import type { ActionResult } from './action-result.ts';

interface Run {
  readonly tool: Tool;
  readonly args: Action['args'];
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

const attemptsIfRepeatable = 3;
const firstPauseMs = 200;

/**
 * Calls the tool within its timeout and says what became of it. A repeatable tool is called again, with the same
 * key, when its fate is unknown; any other is called once.
 *
 * @throws only when `signal` is aborted: then the turn has lost its lease and must record nothing.
 */
export async function runAction(run: Run): Promise<ActionResult> {
  const attempts = run.tool.isRepeatable ? attemptsIfRepeatable : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return limitResult(await withinTimeout(run));
    } catch (error) {
      run.signal.throwIfAborted();
      if (attempt >= attempts || !isWorthRepeating(error)) return failure(run.tool, error);
    }
    await sleep(firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, { signal: run.signal });
  }
}

async function withinTimeout({ tool, args, idempotencyKey, signal }: Run): Promise<unknown> {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(tool.timeoutMs)]);
  ends.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onEnd = (): void => reject(ends.reason);
  ends.addEventListener('abort', onEnd, { once: true });
  try {
    // Raced, because a tool may ignore its signal.
    return await Promise.race([tool.run(args, { idempotencyKey, signal: ends }), ended]);
  } finally {
    ends.removeEventListener('abort', onEnd);
  }
}

function isWorthRepeating(error: unknown): boolean {
  return !(error instanceof ToolError) || error.retryable || error.wasApplied === 'unknown';
}

function failure(tool: Tool, error: unknown): ActionResult {
  if (error instanceof ToolError) {
    return { status: error.wasApplied === 'no' ? 'failed' : 'unknown', text: error.message };
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { status: 'unknown', text: `\`${tool.name}\` gave no answer within ${tool.timeoutMs / 1000} s` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 'unknown', text: `\`${tool.name}\` broke off: ${message}` };
}
