import { setTimeout as sleep } from 'node:timers/promises';
import type { Decoded, Entry } from '#contract/entry';
import { withLogFields } from '#runtime/log-context';
import { beginAttempt } from './begin-attempt.ts';
import type { Commit } from './commit.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import type { Delivery } from './delivery.ts';
import { FencedError, GoneError, WrongTypeError } from './errors.ts';
import type { Ending, Fence } from './fence.ts';
import { appendedAtOf, type Held, type Item, logFieldsOf, placeOf } from './item.ts';
import type { JobResult, Lanes } from './lanes.ts';
import type { Found } from './partition-reader.ts';
import { isRedisUnavailable } from './redis-errors.ts';
import { type TracedEntry, type TryResult, traceAttempt } from './trace-attempt.ts';

export interface RunDeps {
  readonly options: ConsumerOptions;
  readonly fence: Fence;
  readonly lanes: Lanes<Item>;
  /** Suspects run one at a time, see `isSuspect`. */
  readonly suspects: { isRunning: boolean };
  /** Says that a script was refused: the lease is somebody else's. */
  readonly onFenced: (held: Held) => void;
}

const defaults = { maxAttempts: 5, backoffMs: 500, unknownMs: 60 * 60 * 1000 };
const longestBackoffMs = 60_000;
/** Redis is asked again at least this often: an outage ends for everybody soon after it ended. */
const longestRefusedMs = 2_000;
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
    return onRefused(deps, item, error);
  } finally {
    if (isAlone) suspects.isRunning = false;
  }
}

/**
 * An entry that was in hand when processes ended, time and again, may be what ended them. Its last attempts run
 * one at a time, so that the one that does it is given up alone, and not together with its neighbours.
 */
function isSuspect({ maxAttempts = defaults.maxAttempts }: ConsumerOptions, found: Found): boolean {
  return found.deliveries >= Math.max(1, maxAttempts - 2);
}

async function runOnce(deps: RunDeps, item: Item): Promise<JobResult> {
  const { decoded } = item;
  if (!decoded.ok) return runUndecoded(deps, item, decoded);
  const attempt = await beginAttempt(deps.options, item);
  if (attempt === 'ended') return undefined;
  const max = deps.options.maxAttempts ?? defaults.maxAttempts;
  if (attempt > max) {
    const reason = `given up after ${max} attempts; the last one ended without an answer`;
    return bury(deps, item, reason, max);
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
  return afterFailure(deps, item, result.error, attempt);
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
    await inSpan('commit', () => writePatiently(deps, item, commit, { mode: 'ack' }));
  } catch (error) {
    if (isRedisUnavailable(error)) throw error;
    return { error };
  }
  return { commit };
}

async function afterFailure(deps: RunDeps, item: Item, error: unknown, attempt: number): Promise<JobResult> {
  const { options } = deps;
  const { group, log, metrics } = options;
  if (item.held.signal.aborted || isOutside(error)) throw error;
  const waitMs = retryAfterOf(error);
  if (waitMs !== undefined) {
    item.begun -= 1;
    metrics.toldToWait.inc({ group });
    log.info({ waitMs, err: error }, 'asked to wait');
    return { againMs: waitMs };
  }
  const max = options.maxAttempts ?? defaults.maxAttempts;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (isFinal(error) || attempt >= max) return bury(deps, item, reason, attempt);
  item.attempt = undefined;
  metrics.retried.inc({ group });
  const againMs = backoffMs(options.backoffMs ?? defaults.backoffMs, attempt);
  log.warn({ err: error, attempt, againMs }, 'attempt failed, trying again');
  return { againMs };
}

/** True for what says nothing about the entry: it burns no attempt. */
function isOutside(error: unknown): boolean {
  return error instanceof FencedError || error instanceof GoneError || error instanceof WrongTypeError;
}

/** The try could not be finished for reasons outside the entry. */
function onRefused(deps: RunDeps, item: Item, error: unknown): JobResult {
  const { metrics, group, log } = deps.options;
  if (error instanceof FencedError) {
    metrics.fenced.inc({ group });
    deps.onFenced(item.held);
    return undefined;
  }
  if (error instanceof GoneError) {
    metrics.gone.inc({ group });
    log.warn({ err: error }, 'entry ended elsewhere');
    return undefined;
  }
  if (item.held.signal.aborted) return undefined;
  item.refused += 1;
  log.error({ err: error }, 'entry waits: Redis refused');
  // Redis comes back by itself, and then at once; a key of another type waits for somebody who looks.
  const longestMs = error instanceof WrongTypeError ? longestBackoffMs : longestRefusedMs;
  return { againMs: Math.min(backoffMs(200, item.refused), longestMs) };
}

async function runUndecoded(
  deps: RunDeps,
  item: Item,
  decoded: Extract<Decoded, { ok: false }>,
): Promise<JobResult> {
  if (decoded.problem === 'forged') {
    deps.options.metrics.forged.inc({ group: deps.options.group });
    return bury(deps, item, decoded.reason, 1);
  }
  if (decoded.problem === 'unreadable') return bury(deps, item, `unreadable: ${decoded.reason}`, 1);
  const unknownMs = deps.options.unknownMs ?? defaults.unknownMs;
  const [seconds, micros] = await deps.options.redis.time();
  const nowMs = Number(seconds) * 1000 + Number(micros) / 1000;
  const leftMs = appendedAtOf(item.found.entryId) + unknownMs - nowMs;
  if (leftMs > 0) return { againMs: Math.min(leftMs, longestBackoffMs) };
  return bury(deps, item, `unknown ${decoded.reason}; no newer consumer came in ${unknownMs / 1000} s`, 1);
}

async function bury(deps: RunDeps, item: Item, reason: string, attempts: number): Promise<JobResult> {
  const { options } = deps;
  const outputs = item.decoded.ok ? options.onDead(item.decoded.entry, reason) : [];
  await writePatiently(deps, item, { outputs }, { mode: 'dead', reason, attempts });
  options.metrics.dead.inc({ group: options.group });
  const { entryId: entry, stream } = item.found;
  options.log.error({ entry, stream, partition: item.held.partition, attempts, reason }, 'dead letter');
  return undefined;
}

/** Writes the end of an entry, waiting as long as Redis cannot take it: the work is done and is not done again. */
async function writePatiently(deps: RunDeps, item: Item, commit: Commit, ending: Ending): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      await deps.fence.write(placeOf(item), commit, ending);
      break;
    } catch (error) {
      if (!isRedisUnavailable(error) || item.held.signal.aborted) {
        commit.onEnd?.(false);
        throw error;
      }
      deps.options.log.warn({ err: error, entry: item.found.entryId }, 'commit waits for Redis');
      await sleep(Math.min(backoffMs(100, round), longestRefusedMs), undefined, {
        signal: item.held.signal,
      }).catch(() => undefined);
    }
  }
  commit.onEnd?.(true);
}

function createDelivery(deps: RunDeps, item: Item, entry: Entry, attempt: number): Delivery {
  const { found, held, lane } = item;
  return {
    partition: held.partition,
    stream: found.stream,
    entryId: found.entryId,
    entry,
    attempt,
    member: deps.options.member,
    epoch: held.epoch,
    begunAt: Date.now(),
    isRedelivered: attempt > 1 || found.deliveries > 0 || item.begun > 1,
    appendedAt: appendedAtOf(found.entryId),
    signal: held.signal,
    save: (commit) => deps.fence.write(placeOf(item), commit, { mode: 'save' }),
    waiting: createWaiting(deps.lanes, lane),
    arrival: () => deps.lanes.arrival(lane),
  };
}

/** A turn asks time and again, and what waits may be thousands: it is gone through once for each change. */
function createWaiting(lanes: Lanes<Item>, lane: string): () => readonly Entry[] {
  let behind: readonly Item[] = [];
  let entries: readonly Entry[] = [];
  return () => {
    const now = lanes.behind(lane);
    if (now === behind) return entries;
    behind = now;
    entries = now.flatMap(({ decoded }) => (decoded.ok ? [decoded.entry] : []));
    return entries;
  };
}

/** Doubles with each attempt up to a minute; between half of that and all of it, so that retries spread out. */
function backoffMs(first: number, attempt: number): number {
  return Math.min(first * 2 ** (attempt - 1), longestBackoffMs) * (0.5 + Math.random() / 2);
}

function retryAfterOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return undefined;
  return typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
}

function isFinal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === false;
}
