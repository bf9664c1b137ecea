interface Limits {
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs work that must end within `timeoutMs` and never be silent for `idleTimeoutMs`: it calls `alive` at each sign
 * of life. Its signal is aborted by either limit, with a DOMException named TimeoutError, and by the outer signal.
 */
export async function withinLimits<T>(
  { timeoutMs, idleTimeoutMs, signal }: Limits,
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const silence = new AbortController();
  const onSilence = (): void => silence.abort(new DOMException('Silent for too long', 'TimeoutError'));
  let timer = setTimeout(onSilence, idleTimeoutMs);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onSilence, idleTimeoutMs);
  };
  const whole = new AbortController();
  const wholeTimer = setTimeout(
    () => whole.abort(new DOMException('Took too long', 'TimeoutError')),
    timeoutMs,
  );
  const ends = AbortSignal.any([signal, silence.signal, whole.signal]);
  try {
    return await work(ends, alive);
  } catch (error) {
    // The SDK reports an abort in its own words; the reason says which limit it was.
    ends.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(wholeTimer);
  }
}
