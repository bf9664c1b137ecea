import type { Keys } from '#contract/keys';
import type { ConsumerOptions } from './consumer-options.ts';
import { FencedError, GoneError } from './errors.ts';
import type { Place } from './fence.ts';
import { type Item, placeOf } from './item.ts';
import { loadScript, runScript } from './script.ts';

const script = loadScript(new URL('begin.lua', import.meta.url));

/**
 * The number of the attempt that begins now, counted in Redis too when it is not plainly the first one. A try that
 * ended for reasons that are not the entry's goes on under the number it had. `ended` when the fact is finished:
 * then the entry is acknowledged. Throws `FencedError` and `GoneError`.
 */
export async function beginAttempt(options: ConsumerOptions, item: Item): Promise<number | 'ended'> {
  item.begun += 1;
  if (item.attempt !== undefined) return item.attempt;
  const attempt = item.begun === 1 && item.found.deliveries === 0 ? 1 : await countAttempt(options, item);
  if (attempt === 'ended') return attempt;
  item.attempt = attempt;
  item.attemptAt = performance.now();
  return attempt;
}

async function countAttempt(options: ConsumerOptions, item: Item): Promise<number | 'ended'> {
  const { redis, keys, group, member } = options;
  const place = placeOf(item);
  const touched = beginKeys(keys, group, place);
  const reply = await runScript(redis, script, touched, [member, place.epoch, group, place.entryId]);
  // The script's own return value, see its header.
  const [state, attempts] = reply as [number, number?];
  if (state === 0) throw new FencedError(place.partition);
  if (state === 3) throw new GoneError(place.entryId);
  return state === 2 ? 'ended' : (attempts ?? 1);
}

function beginKeys(keys: Keys, group: ConsumerOptions['group'], place: Place): string[] {
  const { partition, stream, fact } = place;
  // Outputs carry their turn's facts, which the ledger knows as done: only inbound entries are facts of their own.
  const ledger = keys.fact(partition, stream === 'inbound' ? (fact ?? '') : '');
  return [keys.lease(partition, group), keys.stream(partition, stream), ledger, keys.accepted(partition)];
}
