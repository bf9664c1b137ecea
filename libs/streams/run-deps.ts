import type { ConsumerOptions } from './consumer-options.ts';
import type { Fence } from './fence.ts';
import type { Held, Item } from './item.ts';
import type { Lanes } from './lanes.ts';
import type { Outages } from './outages.ts';

/** What a try at an entry needs, from its begin to its end. */
export interface RunDeps {
  readonly options: ConsumerOptions;
  readonly fence: Fence;
  readonly lanes: Lanes<Item>;
  readonly outages: Outages;
  /** Suspects run one at a time, see `runEntry`. */
  readonly suspects: { isRunning: boolean };
  /** Says that a script was refused: the lease is somebody else's. */
  readonly onFenced: (held: Held) => void;
}

export const defaultMaxAttempts = 5;
