import { setTimeout as sleepFor } from 'node:timers/promises';
import { type Backoff, backoffMs } from './backoff-ms.ts';

export interface RetryOptions extends Backoff {
  /** Calls in all; `Infinity` goes on until the signal is aborted. */
  readonly attempts: number;
  /** Aborted: no further call, and a wait ends at once. */
  readonly signal?: AbortSignal;
  /** Default: all but errors that say `retryable: false`. */
  readonly isRetryable?: (error: unknown) => boolean;
  readonly onRetry?: (failure: { error: unknown; attempt: number; waitMs: number }) => void;
  /** Cap on what an error may ask for by `retryAfterMs`, default ten minutes. */
  readonly maxRetryAfterMs?: number;
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

/**
 * Calls `work` until it succeeds, and waits between calls with exponential backoff and full jitter. An error with
 * `retryAfterMs` is waited out in full (up to a cap), the jitter on top of it.
 *
 * @returns what `work` returns.
 * @throws the last error once attempts are used up or it cannot be retried; the signal's reason if aborted.
 */
export async function retry<T>(work: (attempt: number) => T | Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, isRetryable = saysRetryable, sleep = pause } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt >= options.attempts || !isRetryable(error)) throw error;
      const waitMs =
        askedMs(error, options.maxRetryAfterMs ?? 600_000) + backoffMs(attempt, options, options.random);
      options.onRetry?.({ error, attempt, waitMs });
      await sleepOrReason(sleep, waitMs, signal);
    }
  }
}

function saysRetryable(error: unknown): boolean {
  return !(typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === false);
}

function askedMs(error: unknown, maxMs: number): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  const asked = error.retryAfterMs;
  return typeof asked === 'number' && asked > 0 ? Math.min(asked, maxMs) : 0;
}

async function sleepOrReason(
  sleep: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch (error) {
    // Timers reject with an AbortError of their own; callers know the reason they gave.
    signal?.throwIfAborted();
    throw error;
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<unknown> {
  return sleepFor(ms, undefined, signal === undefined ? {} : { signal });
}
