import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Times are written for a quiet machine; where it is busy or slow, the same takes several times as long. Lowered where
 * many tests are meant to fail (`npm run test:mutants`).
 */
const patience = Number(process.env['TEST_PATIENCE'] || 4);

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/**
 * Waits until `condition` returns something truthy and returns it; rejects with the condition's last error, or
 * with what was awaited, after `withinMs`.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  options: { withinMs?: number; everyMs?: number; what?: string } = {},
): Promise<Truthy<T>> {
  const deadline = performance.now() + (options.withinMs ?? 10_000) * patience;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Truthy<T>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      throw lastError ?? new Error(`Did not happen in time: ${options.what ?? condition.toString()}`);
    }
    await sleep(options.everyMs ?? 20);
  }
}
