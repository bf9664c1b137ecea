import type { StreamName } from '#contract/bodies';
import type { Entry } from '#contract/entry';
import type { Commit } from './commit.ts';

/** One entry in the hands of the worker that holds its partition. */
export interface Delivery {
  readonly partition: number;
  readonly stream: StreamName;
  readonly entryId: string;
  readonly entry: Entry;
  /** 1 on the first try. Grows with every new begin, in this process or in another one. */
  readonly attempt: number;
  /** Who has it, and the epoch of the lease under which they do. */
  readonly member: string;
  readonly epoch: number;
  /** When this attempt began, by this host's clock, in milliseconds. */
  readonly begunAt: number;
  /** True when some worker may have begun this entry before: effects outside Redis may have happened. */
  readonly isRedelivered: boolean;
  /** When the entry was appended, by Redis' clock (its id), in milliseconds. */
  readonly appendedAt: number;
  /** Aborted when the lease is lost or the service must end now. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /**
   * Writes through the fence in the middle of the work, without ending it. Throws `FencedError` or `GoneError`
   * when this worker has lost the entry: then stop.
   */
  save(commit: Commit): Promise<void>;
  /** The entries that wait behind this one in its lane, oldest first. */
  waiting(): readonly Entry[];
  /** Resolves when a further entry joins the lane, or at once when one has joined since the call before. */
  arrival(): Promise<void>;
}

/**
 * The work on one entry. What it returns is committed together with the acknowledgement. A thrown error with
 * `retryable: false` makes a dead letter at once; any other error is tried again with backoff, up to the
 * consumer's limit of attempts. An error with a `retryAfterMs` number waits that long and burns no attempt.
 */
export type Handle = (delivery: Delivery) => Promise<Commit>;
