import { z } from 'zod';
import type { FlagOutcome } from './flags.ts';

const rate = z.number().min(0).max(1);

/** `metadata.canary` of a flag: it is rolled back when one of its rates passes its limit. A rate left out is no limit. */
export const canaryLimits = z.strictObject({
  /** Nothing is judged by fewer outcomes. */
  minSamples: z.int().min(1).max(10_000).default(20),
  maxErrorRate: rate.optional(),
  maxRejectRate: rate.optional(),
  maxEditRate: rate.optional(),
});
export type CanaryLimits = z.output<typeof canaryLimits>;

/** Why a canary was rolled back. */
export interface Rollback {
  readonly outcome: Exclude<FlagOutcome, 'ok'>;
  /** How many of the samples had this outcome. */
  readonly count: number;
  readonly samples: number;
}

/** Counts how canaries go, for all workers. A canary is named by its flag and the digest of its definition. */
export interface Canaries {
  isRolledBack(canary: Canary): Promise<boolean>;
  /**
   * Counts an outcome, once for each key. Resolves to why the canary was rolled back when this is the outcome that did it,
   * also when it is reported again under the same key (its turn was run again); undefined otherwise.
   */
  count(
    canary: Canary,
    limits: CanaryLimits,
    outcome: FlagOutcome,
    key: string,
  ): Promise<Rollback | undefined>;
}

export interface Canary {
  readonly flag: string;
  readonly digest: string;
}

/** The outcomes that have a limit, in the order in which they are looked at. */
export function limitedOutcomes(limits: CanaryLimits): { outcome: Rollback['outcome']; most: number }[] {
  const { maxErrorRate = 1, maxRejectRate = 1, maxEditRate = 1 } = limits;
  return [
    { outcome: 'error', most: maxErrorRate },
    { outcome: 'rejected', most: maxRejectRate },
    { outcome: 'edited', most: maxEditRate },
  ];
}

/** Only so many of the latest outcomes count: what was good for a month does not hide what is bad today. */
export function windowOf({ minSamples }: CanaryLimits): number {
  return Math.max(100, 10 * minSamples);
}
