import type { StreamName } from '#contract/bodies';
import type { Held } from './item.ts';
import type { Found, Positions } from './partition-reader.ts';

/** A partition in our hands, from gaining its lease to losing it. */
export interface Holding extends Held {
  readonly abort: AbortController;
  /** `take` what is pending first, then `read` what is new. */
  phase: 'take' | 'read';
  /** There may be something to read. */
  isDirty: boolean;
  isReading: boolean;
  /** Another member should have it: begin nothing more. */
  isSurplus: boolean;
  surplusTimer: NodeJS.Timeout | undefined;
  /** How far each readable stream has been delivered: news will come behind it. */
  positions: Positions;
  /** Streams whose key holds something else; looked at again when the timer fires. */
  blocked: readonly StreamName[];
  blockedTimer: NodeJS.Timeout | undefined;
  /** Entries that wait or run, by `nameOf`. */
  readonly inHand: Set<string>;
  running: number;
}

export function createHolding(partition: number, epoch: number): Holding {
  const abort = new AbortController();
  return {
    partition,
    epoch,
    abort,
    signal: abort.signal,
    isLost: false,
    phase: 'take',
    isDirty: true,
    isReading: false,
    isSurplus: false,
    surplusTimer: undefined,
    positions: new Map(),
    blocked: [],
    blockedTimer: undefined,
    inHand: new Set(),
    running: 0,
  };
}

/** What an entry is called within its partition. */
export function nameOf({ stream, entryId }: Pick<Found, 'stream' | 'entryId'>): string {
  return `${stream} ${entryId}`;
}
