import type { ConsumerOptions } from './consumer-options.ts';
import { type Item, placeOf } from './item.ts';
import { loadScript, runScript } from './script.ts';

const script = loadScript(new URL('uncount.lua', import.meta.url));

/**
 * Takes back what `beginAttempt` counted for this item, so that whoever has the entry next begins under the same number.
 * Where Redis cannot be asked, the attempt stays counted: an entry may then be given up earlier, never later.
 */
export async function uncountAttempt(options: ConsumerOptions, item: Item): Promise<void> {
  const { redis, keys, group, log } = options;
  const { partition, stream, entryId } = placeOf(item);
  // The first one is counted by reading alone.
  if (item.attempt === undefined || item.attempt < 2) return;
  item.attempt = undefined;
  try {
    await runScript(redis, script, [keys.stream(partition, stream)], [group, entryId]);
  } catch (error) {
    log.warn({ err: error }, 'an attempt that was broken off stays counted');
  }
}
