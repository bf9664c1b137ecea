/** Waits between restarts in milliseconds, doubling up to 15 s; a run of half a minute starts them anew. */
export function createBackoff(): { next(ranMs: number): number } {
  let failures = 0;
  return {
    next: (ranMs) => {
      failures = ranMs > 30_000 ? 1 : failures + 1;
      return Math.min(250 * 2 ** failures, 15_000);
    },
  };
}
