import { retry } from '#runtime/retry';
import { ModelError } from './errors.ts';
import type { OpenaiSettings } from './model-settings.ts';
import { toModelError } from './to-model-error.ts';
import { withinLimits } from './within-limits.ts';

/** A server that asks for a longer pause than this is left to the caller, who can wait without holding a lane. */
const longestPauseMs = 20_000;
const pauses = { baseMs: 250, maxMs: 5_000, maxRetryAfterMs: longestPauseMs };

/** One try of a call. */
export interface ModelAttempt {
  /** Model and host, for messages. */
  readonly where: string;
  readonly model: string;
  readonly signal: AbortSignal;
  /** A part of the answer has arrived. */
  readonly alive: () => void;
}

/**
 * Makes a call of a model, within the settings' time limits and up to their number of attempts.
 *
 * @throws {ModelError}, or the signal's reason when it is aborted.
 */
export async function callModel<T>(
  settings: OpenaiSettings,
  signal: AbortSignal,
  work: (attempt: ModelAttempt) => Promise<T>,
): Promise<T> {
  const where = placeOf(settings);
  const attempt = async (): Promise<T> => {
    let hasBegun = false;
    try {
      return await withinLimits({ ...settings, signal }, (ends, alive) =>
        work({
          where,
          model: settings.model,
          signal: ends,
          alive: () => {
            hasBegun = true;
            alive();
          },
        }),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw toModelError(error, { where, apiKey: settings.apiKey, hasBegun });
    }
  };
  return retry(attempt, { attempts: settings.attempts, ...pauses, signal, isRetryable: isWorthWaiting });
}

/** How messages name the model: its name and host. */
export function placeOf({ model, baseUrl }: OpenaiSettings): string {
  return `The model ${model} at ${new URL(baseUrl ?? 'https://api.openai.com').host}`;
}

/** Garbage is asked for once more: a model that writes it twice will go on doing so. */
export async function onceMoreOnGarbage<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const isGarbage = (error: unknown): boolean => error instanceof ModelError && error.kind === 'garbage';
  return retry(work, { attempts: 2, ...pauses, signal, isRetryable: isGarbage });
}

/** A call that took all of its time is not made again at once: the caller knows better how long someone may wait. */
function isWorthWaiting(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.kind === 'garbage' || error.kind === 'timeout') return false;
  return error.retryable && (error.retryAfterMs ?? 0) <= longestPauseMs;
}
