import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '#agents/errors';
import { shorten } from '#agents/shorten';
import type { Breakers } from '#agents/tools/create-breakers';
import { limitResult } from '#agents/tools/limit-result';
import type { Tool } from '#agents/tools/tool';
import type { Action } from '#contract/approval';
import { backoffMs } from '#runtime/backoff-ms';
import type { ActionResult } from './action-result.ts';

export interface Run {
  readonly tool: Tool;
  readonly args: Action['args'];
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Left out: every call is made. */
  readonly breakers?: Breakers | undefined;
  /** A run before this one called it, and nobody knows what came of that. */
  readonly mayHaveRun?: boolean;
}

const attemptsIfRepeatable = 3;
const pauses = { baseMs: 400, maxMs: 4_000 };
const longestMessage = 500;
/** In the tool's own words. */
const longestRefusal = 2_000;

/**
 * Calls the tool within its timeout and says what became of it. A repeatable tool is called again, with the same
 * key, when its fate is unknown; any other is called once. A tool whose breaker is open is not called. Once a call may
 * have been applied, only one that is done says better: another that came to nothing says nothing about the first.
 *
 * @throws only when `signal` is aborted: then the turn has lost its lease and must record nothing.
 */
export async function runAction(run: Run): Promise<ActionResult> {
  const { tool, signal, mayHaveRun = false } = run;
  const attempts = tool.isRepeatable ? Math.max(1, tool.attempts ?? attemptsIfRepeatable) : 1;
  for (let attempt = 1, unknown = mayHaveRun ? lostBefore(tool) : undefined; ; attempt += 1) {
    signal.throwIfAborted();
    const pass = run.breakers?.start(tool.name);
    if (pass?.isOpen) return unknown ?? paused(tool, pass.retryInMs);
    try {
      const returned = await withinTimeout(run);
      const result = readResult(tool, returned);
      pass?.settle(result.status === 'done' ? 'ok' : 'bad');
      return result;
    } catch (error) {
      pass?.settle(signal.aborted ? 'neither' : healthOf(error));
      signal.throwIfAborted();
      const failed = failure(tool, error);
      if (failed.status === 'unknown') unknown = failed;
      if (attempt >= attempts || !isWorthRepeating(error))
        return unknown ? stillUnknown(unknown, error) : failed;
    }
    await pauseOrReason(backoffMs(attempt, pauses), signal);
  }
}

/** What is told of a tool that was started before, by whoever died or lost its lease over it. */
export function lostBefore({ name }: Pick<Tool, 'name'>): ActionResult {
  const text = `\`${name}\` was started before and its result was lost. Somebody has to look whether it took effect; it is not run again by itself.`;
  return { status: 'unknown', text };
}

/** What the tool itself answers in the end tells more than that a call was lost; what only this call met tells less. */
function stillUnknown(unknown: ActionResult, error: unknown): ActionResult {
  const isAnswer = error instanceof ToolError && error.wasApplied === 'no' && !error.retryable;
  return isAnswer ? { ...unknown, text: shorten(error.message, longestRefusal) } : unknown;
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

/** It ran; what it says of itself is checked and cut. Nothing here is worth another call. */
function readResult(tool: Tool, returned: unknown): ActionResult {
  try {
    const limited = limitResult(returned, tool.longestResult);
    if (tool.data === undefined || limited.data === undefined) return checkPresence(tool, returned, limited);
    const read = tool.data.safeParse(limited.data);
    return read.success ? { ...limited, data: read.data } : misfit(tool);
  } catch {
    return misfit(tool);
  }
}

/** Data that was too large is left out, and the text says so; data that a tool promised and did not give is a fault. */
function checkPresence(tool: Tool, returned: unknown, limited: ActionResult): ActionResult {
  if (tool.data === undefined) return limited;
  const hasData = typeof returned === 'object' && returned !== null && 'data' in returned;
  return hasData && returned.data !== undefined ? limited : misfit(tool);
}

function misfit({ name }: Tool): ActionResult {
  return { status: 'unknown', text: `\`${name}\` ran, but answered with something else than it promises.` };
}

function paused({ name }: Tool, retryInMs: number): ActionResult {
  const seconds = Math.max(1, Math.ceil(retryInMs / 1000));
  const text = `\`${name}\` did not work several times in a row and is left alone for another ${seconds} s. Nothing was run.`;
  return { status: 'failed', text };
}

/** An error about what was asked says nothing about the health of the tool. */
function healthOf(error: unknown): 'bad' | 'ok' {
  return error instanceof ToolError && !error.retryable ? 'ok' : 'bad';
}

function isWorthRepeating(error: unknown): boolean {
  return !(error instanceof ToolError) || error.retryable || error.wasApplied === 'unknown';
}

async function pauseOrReason(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function failure(tool: Tool, error: unknown): ActionResult {
  if (error instanceof ToolError) {
    const status = error.wasApplied === 'no' ? 'failed' : 'unknown';
    return { status, text: shorten(error.message, longestRefusal) };
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { status: 'unknown', text: `\`${tool.name}\` gave no answer within ${tool.timeoutMs / 1000} s` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 'unknown', text: `\`${tool.name}\` broke off: ${shorten(message, longestMessage)}` };
}
