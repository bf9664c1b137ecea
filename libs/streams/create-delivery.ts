import type { Entry } from '#contract/entry';
import type { Delivery } from './delivery.ts';
import { appendedAtOf, type Item, placeOf } from './item.ts';
import type { Lanes } from './lanes.ts';
import type { RunDeps } from './run-deps.ts';

/** The entry as its handler gets it, on this attempt. */
export function createDelivery(deps: RunDeps, item: Item, entry: Entry, attempt: number): Delivery {
  const { found, held, lane } = item;
  return {
    partition: held.partition,
    stream: found.stream,
    entryId: found.entryId,
    entry,
    attempt,
    member: deps.options.member,
    epoch: held.epoch,
    begunAt: Date.now(),
    isRedelivered: attempt > 1 || found.deliveries > 0 || item.begun > 1,
    appendedAt: appendedAtOf(found.entryId),
    signal: held.signal,
    save: (commit) => deps.fence.write(placeOf(item), commit, { mode: 'save' }),
    waiting: createWaiting(deps.lanes, lane),
    arrival: () => deps.lanes.arrival(lane),
  };
}

/** A turn asks time and again, and what waits may be thousands: it is gone through once for each change. */
function createWaiting(lanes: Lanes<Item>, lane: string): () => readonly Entry[] {
  let behind: readonly Item[] = [];
  let entries: readonly Entry[] = [];
  return () => {
    const now = lanes.behind(lane);
    if (now === behind) return entries;
    behind = now;
    entries = now.flatMap(({ decoded }) => (decoded.ok ? [decoded.entry] : []));
    return entries;
  };
}
