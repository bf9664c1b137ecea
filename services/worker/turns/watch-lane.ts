import type { Entry } from '#contract/entry';
import type { Delivery } from '#streams/delivery';

export interface LaneWatch<Fate> {
  /** Aborted as soon as there is a fate. */
  readonly signal: AbortSignal;
  /** The first that was found; looks once more. */
  fate(): Fate | undefined;
  stop(): void;
}

/**
 * Looks at what waits behind an entry, now and whenever something joins, until that decides what becomes of the entry.
 * Depends on the waiting entries alone, so that every worker that has them comes to the same.
 */
export function watchLane<Fate>(
  delivery: Pick<Delivery, 'waiting' | 'arrival'>,
  judge: (waiting: readonly Entry[]) => Fate | undefined,
): LaneWatch<Fate> {
  const abort = new AbortController();
  let found: Fate | undefined;
  let isOver = false;
  const look = (): Fate | undefined => {
    if (isOver || found !== undefined) return found;
    found = judge(delivery.waiting());
    if (found !== undefined)
      abort.abort(new Error('Something that was written since decides about this turn'));
    return found;
  };
  const follow = async (): Promise<void> => {
    while (!isOver && look() === undefined) await delivery.arrival();
  };
  void follow();
  return {
    signal: abort.signal,
    fate: look,
    stop: () => {
      isOver = true;
    },
  };
}
