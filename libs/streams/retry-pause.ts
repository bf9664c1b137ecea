/** No pause that we choose ourselves is longer. */
export const longestPauseMs = 60_000;
/** Redis is asked again at least this often: an outage ends for everybody soon after it ended. */
export const longestRefusedMs = 2_000;
/** However long somebody asks to be left alone, they are asked again after this: a slip of theirs must not last. */
const longestAskedMs = 10 * 60_000;

/** Doubles with each attempt up to a minute; between half of that and all of it, so that retries spread out. */
export function retryPauseMs(firstMs: number, attempt: number): number {
  return Math.min(firstMs * 2 ** (attempt - 1), longestPauseMs) * (0.5 + Math.random() / 2);
}

/** How long an error asks to wait by its `retryAfterMs`, ten minutes at most; undefined where it does not. */
export function askedPauseMs(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return undefined;
  const { retryAfterMs: asked } = error;
  return typeof asked === 'number' && asked >= 0 ? Math.min(asked, longestAskedMs) : undefined;
}
