import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../cli/errors.ts';
import type { PlannedService } from './service-plan.ts';

/**
 * Resolves when the service says so at `/ready`.
 *
 * @throws {CommandError} with its last answer after `withinMs`; the reason of `signal` when that is aborted before.
 */
export async function waitUntilReady(
  { name, healthUrl }: Pick<PlannedService, 'name' | 'healthUrl'>,
  signal: AbortSignal,
  withinMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask(`${healthUrl}/ready`, signal);
    signal.throwIfAborted();
    if (answer === 'ready') return;
    if (performance.now() > deadline) {
      throw new CommandError(`${name} is not ready after ${withinMs / 1000} s: ${answer}. Its log says why`);
    }
    await sleep(150, undefined, { signal });
  }
}

async function ask(url: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
    const text = await response.text();
    return response.ok ? 'ready' : text;
  } catch (error) {
    // It does not listen yet, or is being started again.
    return error instanceof Error ? `no answer at ${url} (${error.message})` : String(error);
  }
}
