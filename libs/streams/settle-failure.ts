import { buryEntry } from './bury-entry.ts';
import { FencedError, GoneError, WrongTypeError } from './errors.ts';
import type { Item } from './item.ts';
import type { JobResult } from './lanes.ts';
import { askedPauseMs, longestPauseMs, longestRefusedMs, retryPauseMs } from './retry-pause.ts';
import { defaultMaxAttempts, type RunDeps } from './run-deps.ts';
import { uncountAttempt } from './uncount-attempt.ts';

const defaultBackoffMs = 500;

/** A try at the entry failed: another one later, or a dead letter. Throws what says nothing about the entry. */
export async function settleFailure(
  deps: RunDeps,
  item: Item,
  error: unknown,
  attempt: number,
): Promise<JobResult> {
  const {
    group,
    log,
    metrics,
    maxAttempts = defaultMaxAttempts,
    backoffMs = defaultBackoffMs,
  } = deps.options;
  if (item.held.signal.aborted || isOutside(error)) throw error;
  const askedMs = askedPauseMs(error);
  if (askedMs !== undefined) {
    item.begun -= 1;
    metrics.toldToWait.inc({ group });
    log.info({ waitMs: askedMs, err: error }, 'asked to wait');
    return { againMs: askedMs };
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (isFinal(error) || attempt >= maxAttempts) return buryEntry(deps, item, reason, attempt);
  item.attempt = undefined;
  metrics.retried.inc({ group });
  const againMs = retryPauseMs(backoffMs, attempt);
  log.warn({ err: error, attempt, againMs }, 'attempt failed, trying again');
  return { againMs };
}

/** True for what says nothing about the entry: it burns no attempt. */
function isOutside(error: unknown): boolean {
  return error instanceof FencedError || error instanceof GoneError || error instanceof WrongTypeError;
}

function isFinal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === false;
}

/** A try could not be finished for reasons outside the entry: it is left to others, or tried again as the same attempt. */
export async function settleRefusal(deps: RunDeps, item: Item, error: unknown): Promise<JobResult> {
  const { metrics, group, log } = deps.options;
  if (error instanceof FencedError) {
    metrics.fenced.inc({ group });
    deps.onFenced(item.held);
    return breakOff(deps, item);
  }
  if (error instanceof GoneError) {
    metrics.gone.inc({ group });
    log.warn({ err: error }, 'entry ended elsewhere');
    return undefined;
  }
  if (item.held.signal.aborted) return breakOff(deps, item);
  item.refused += 1;
  log.error({ err: error }, 'entry waits: Redis refused');
  // Redis comes back by itself, and then at once; a key of another type waits for somebody who looks.
  const longestMs = error instanceof WrongTypeError ? longestPauseMs : longestRefusedMs;
  return { againMs: Math.min(retryPauseMs(200, item.refused), longestMs) };
}

/**
 * The attempt of a running entry was broken off. It stays counted where the lease was lost while Redis was there: an
 * entry that stops the process for longer than a lease lasts looks just like that, and must not be tried for ever.
 */
async function breakOff({ options, outages }: RunDeps, item: Item): Promise<undefined> {
  if (!item.held.isLost || outages.since(item.attemptAt)) await uncountAttempt(options, item);
}
