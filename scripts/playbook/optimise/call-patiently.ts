import type { Understand } from '#dialogue/understanding/understanding';
import { ModelError } from '#models/errors';
import { retry } from '#runtime/retry';
import { CommandError } from '../../cli/errors.ts';

/** In a row: then it is not the messages. */
const mostGarbage = 10;
const patience = { attempts: 2, baseMs: 1_000, maxMs: 10_000 };

/**
 * Calls of a model that may be away for a moment: each is made once more, beyond what the client does by itself. A model
 * that writes nothing usable ten times in a row is given up.
 *
 * @param onCall is told of every message that is sent.
 */
export function callPatiently(understand: Understand, onCall: () => void): Understand {
  let garbage = 0;
  const isAway = (error: unknown): boolean =>
    error instanceof ModelError && error.retryable && error.kind !== 'garbage';
  return async (input) => {
    onCall();
    try {
      const found = await retry(() => understand(input), {
        ...patience,
        signal: input.signal,
        isRetryable: isAway,
      });
      garbage = 0;
      return found;
    } catch (error) {
      if (!(error instanceof ModelError) || error.kind !== 'garbage') throw error;
      garbage += 1;
      if (garbage < mostGarbage) throw error;
      throw new CommandError(
        `${mostGarbage} times in a row: ${error.message}. The search ended there, and nothing is written`,
      );
    }
  };
}
