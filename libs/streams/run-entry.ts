import type { Entry } from '#contract/entry';
import { withLogFields } from '#runtime/log-context';
import { beginAttempt } from './begin-attempt.ts';
import { buryEntry, buryUndecoded } from './bury-entry.ts';
import type { Commit } from './commit.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { createDelivery } from './create-delivery.ts';
import { appendedAtOf, type Item, logFieldsOf } from './item.ts';
import type { JobResult } from './lanes.ts';
import type { Found } from './partition-reader.ts';
import { isRedisUnavailable } from './redis-errors.ts';
import { defaultMaxAttempts, type RunDeps } from './run-deps.ts';
import { settleFailure, settleRefusal } from './settle-failure.ts';
import { type TracedEntry, type TryResult, traceAttempt } from './trace-attempt.ts';
import { writeEnd } from './write-end.ts';

const suspectPauseMs = 100;

/** One try at an entry: handle and commit, or a dead letter, or a later try. Never throws. */
export function runEntry(deps: RunDeps, item: Item): Promise<JobResult> {
  return withLogFields(
    () => (item.attempt === undefined ? logFieldsOf(item) : { ...logFieldsOf(item), attempt: item.attempt }),
    () => runItem(deps, item),
  );
}

async function runItem(deps: RunDeps, item: Item): Promise<JobResult> {
  const { options, suspects } = deps;
  const { held, found } = item;
  if (held.signal.aborted) return undefined;
  const isAlone = isSuspect(options, found);
  if (isAlone && suspects.isRunning) return { againMs: suspectPauseMs };
  if (isAlone) suspects.isRunning = true;
  try {
    const result = await runOnce(deps, item);
    item.refused = 0;
    return result;
  } catch (error) {
    return settleRefusal(deps, item, error);
  } finally {
    if (isAlone) suspects.isRunning = false;
  }
}

/**
 * An entry that was in hand when processes ended, time and again, may be what ended them. Its last attempts run
 * one at a time, so that the one that does it is given up alone, and not together with its neighbours.
 */
function isSuspect({ maxAttempts = defaultMaxAttempts }: ConsumerOptions, found: Found): boolean {
  return found.deliveries >= Math.max(1, maxAttempts - 2);
}

async function runOnce(deps: RunDeps, item: Item): Promise<JobResult> {
  const { decoded } = item;
  if (!decoded.ok) return buryUndecoded(deps, item, decoded);
  const attempt = await beginAttempt(deps.options, item);
  if (attempt === 'ended') return undefined;
  const max = deps.options.maxAttempts ?? defaultMaxAttempts;
  if (attempt > max) {
    const reason = `given up after ${max} attempts; the last one ended without an answer`;
    return buryEntry(deps, item, reason, max);
  }
  return tryOnce(deps, item, decoded.entry, attempt);
}

async function tryOnce(deps: RunDeps, item: Item, entry: Entry, attempt: number): Promise<JobResult> {
  const { group, metrics } = deps.options;
  const { type } = entry;
  const labels = { group, type };
  // This host's clock against Redis': good enough to see people wait.
  if (attempt === 1) {
    metrics.waited.observe(labels, Math.max(0, Date.now() - appendedAtOf(item.found.entryId)) / 1_000);
  }
  const beganAt = performance.now();
  const result = await traceAttempt(deps.options.traced, { item, entry, attempt }, (traced) =>
    handleAndCommit(deps, item, traced, attempt),
  );
  if ('commit' in result) {
    metrics.seconds.observe(labels, (performance.now() - beganAt) / 1_000);
    metrics.finished.inc({ group, type, outcome: result.commit.outcome ?? 'none' });
    return undefined;
  }
  return settleFailure(deps, item, result.error, attempt);
}

/** A failure of the entry is a value; what says nothing about the entry is thrown. */
async function handleAndCommit(
  deps: RunDeps,
  item: Item,
  { entry, inSpan }: TracedEntry,
  attempt: number,
): Promise<TryResult> {
  let commit: Commit;
  try {
    commit = await deps.options.handle(createDelivery(deps, item, entry, attempt));
  } catch (error) {
    if (isRedisUnavailable(error, 'handler')) throw error;
    return { error };
  }
  try {
    await inSpan('commit', () => writeEnd(deps, item, commit, { mode: 'ack' }));
  } catch (error) {
    if (isRedisUnavailable(error)) throw error;
    return { error };
  }
  return { commit };
}
