/**
 * Runs `work` one at a time; whoever asks while it runs shares one more run that begins afterwards. So what was there
 * when one asked is covered by the run that one waits for.
 */
export function coalesce(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= last = last
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return work();
      });
    return next;
  };
}
