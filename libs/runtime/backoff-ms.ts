export interface Backoff {
  /** Upper bound of the first wait; it doubles with each attempt. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter: anything from 0 to `baseMs * 2^(attempt - 1)`, at most `maxMs`, in whole
 * milliseconds, so that those who failed together do not come back together. Pure given `random`.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param attempt the attempt that failed, from 1.
 * @param random gives numbers from 0 up to but not including 1.
 */
export function backoffMs(
  attempt: number,
  { baseMs, maxMs }: Backoff,
  random: () => number = Math.random,
): number {
  const bound = Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.floor(random() * bound);
}
