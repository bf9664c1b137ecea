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
  /** Milliseconds since it was read, by a clock that only grows. */
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
  let value = await readPatiently(deps, signal);
  let readAt = performance.now();
  const round = async (): Promise<void> => {
    const before = value;
    value = await deps.read(before);
    readAt = performance.now();
    if (value !== before) deps.onChange(value, before);
  };
  const watching = repeat(deps, round, signal);
  return {
    get value() {
      return value;
    },
    get ageMs() {
      return performance.now() - readAt;
    },
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await watching;
    },
  };
}

async function readPatiently<T>({ read, words, log }: KeepCopyDeps<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await read(undefined);
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
  // A Redis that hangs answers nothing, and must not hold up the end.
  const ended = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let isAway = false;
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await Promise.race([round(), ended]);
      if (signal.aborted) return;
      if (isAway) log.info(words.back);
      isAway = false;
    } catch (error) {
      if (!isAway) log.warn({ err: error }, words.away);
      isAway = true;
    }
  }
}
