import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isRedisUnavailable } from '#streams/redis-errors';

export interface KeepCopyDeps<T> {
  /** Reads it anew; may return the copy before, where nothing has changed. */
  readonly read: (before: T | undefined) => Promise<T>;
  /** Called after each reading that came to another copy; never for the first. */
  readonly onChange: (now: T, before: T) => void;
  /** What is logged while the first reading waits for Redis, when Redis goes away, and when it is back. */
  readonly words: { readonly waiting: string; readonly away: string; readonly back: string };
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly everyMs: number;
}

/** A copy in memory of something in Redis; ends when it is disposed or its signal is aborted. */
export interface LiveCopy<T> extends AsyncDisposable {
  readonly value: T;
  /** Milliseconds since it was asked for, by a clock that only grows. */
  readonly ageMs: number;
}

/**
 * Keeps a copy that is read anew every `everyMs`. While Redis is away the last one holds. Resolves when it has been read
 * once.
 *
 * @throws what `signal` carries when it is aborted before, and what the first reading says beside that Redis is away.
 */
export async function keepCopy<T>(deps: KeepCopyDeps<T>): Promise<LiveCopy<T>> {
  const ending = new AbortController();
  const signal = AbortSignal.any([deps.signal, ending.signal]);
  let { value, askedAt } = await readPatiently(deps, signal);
  const round = async (): Promise<void> => {
    const before = value;
    const now = performance.now();
    const read = await deps.read(before);
    // It comes when nobody asks any more.
    if (signal.aborted) return;
    [value, askedAt] = [read, now];
    if (value !== before) deps.onChange(value, before);
  };
  const watching = repeat(deps, round, signal);
  return {
    get value() {
      return value;
    },
    get ageMs() {
      return performance.now() - askedAt;
    },
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await watching;
    },
  };
}

async function readPatiently<T>(
  { read, words, log }: KeepCopyDeps<T>,
  signal: AbortSignal,
): Promise<{ value: T; askedAt: number }> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const askedAt = performance.now();
      return { value: await read(undefined), askedAt };
    } catch (error) {
      if (!isRedisUnavailable(error)) throw error;
      log.warn({ err: error }, words.waiting);
      await sleep(1_000, undefined, { signal });
    }
  }
}

/** Never rejects. Says once that Redis is away, and once that it is back. */
async function repeat<T>(
  { words, log, everyMs }: KeepCopyDeps<T>,
  round: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let isAway = false;
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await untilDoneOr(signal, round());
      if (signal.aborted) return;
      if (isAway) log.info(words.back);
      isAway = false;
    } catch (error) {
      if (!isAway) log.warn({ err: error }, words.away);
      isAway = true;
    }
  }
}

/**
 * A Redis that hangs answers nothing, and must not hold up the end. No `Promise.race` with one promise for all rounds: that
 * would keep something of each round until the end.
 */
async function untilDoneOr(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  signal.addEventListener('abort', end);
  work.then(resolve, reject);
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
