import { setTimeout as sleep } from 'node:timers/promises';
import type { Commit } from './commit.ts';
import type { Ending } from './fence.ts';
import { type Item, placeOf } from './item.ts';
import { isRedisUnavailable } from './redis-errors.ts';
import { longestRefusedMs, retryPauseMs } from './retry-pause.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * Writes the end of an entry through the fence, waiting as long as Redis cannot take it: the work is done and is not
 * done again. Throws what the fence throws, and the outage itself where the lease ends meanwhile.
 */
export async function writeEnd(
  { fence, options }: Pick<RunDeps, 'fence' | 'options'>,
  item: Item,
  commit: Commit,
  ending: Ending,
): Promise<void> {
  const { signal } = item.held;
  for (let round = 1; ; round++) {
    try {
      await fence.write(placeOf(item), commit, ending);
      break;
    } catch (error) {
      if (!isRedisUnavailable(error) || signal.aborted) {
        commit.onEnd?.(false);
        throw error;
      }
      options.log.warn({ err: error, entry: item.found.entryId }, 'commit waits for Redis');
      const pauseMs = Math.min(retryPauseMs(100, round), longestRefusedMs);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
  commit.onEnd?.(true);
}
