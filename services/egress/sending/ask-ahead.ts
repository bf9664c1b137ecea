/** For so many milliseconds after it came, an answer that was asked for ahead may be acted on. */
export const freshMs = 5;

/**
 * Asks at once, so that the answer is there when it is wanted. Whoever wants it later than {@link freshMs} after it came
 * has it asked anew: nobody acts on an older one, be it a refusal.
 *
 * @param now milliseconds that only grow.
 */
export function askAhead<T>(
  ask: () => Promise<T>,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  const asked = ask().then(
    (answer) => ({ isAnswer: true, answer, at: now() }) as const,
    // Perhaps nobody wants it any more: it is kept for whoever does.
    (error: unknown) => ({ isAnswer: false, error, at: now() }) as const,
  );
  return async () => {
    const told = await asked;
    if (now() - told.at > freshMs) return ask();
    if (told.isAnswer) return told.answer;
    throw told.error;
  };
}
