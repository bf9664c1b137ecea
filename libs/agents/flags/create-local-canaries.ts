import { type Canaries, type Canary, limitedOutcomes, type Rollback, windowOf } from './canary.ts';
import type { FlagOutcome } from './flags.ts';

interface Count {
  /** The latest outcomes by key, the oldest first. */
  readonly outcomes: Map<string, FlagOutcome>;
  rollback: (Rollback & { readonly key: string }) | undefined;
}

/** Canaries of this process, for tests of playbooks: what `canary.lua` does. */
export function createLocalCanaries(): Canaries {
  const counts = new Map<string, Count>();
  const countOf = ({ flag, digest }: Canary): Count => {
    const name = JSON.stringify([flag, digest]);
    const count = counts.get(name) ?? { outcomes: new Map<string, FlagOutcome>(), rollback: undefined };
    counts.set(name, count);
    return count;
  };
  return {
    isRolledBack: async (canary) => countOf(canary).rollback !== undefined,
    count: async (canary, limits, outcome, key) => {
      const one = countOf(canary);
      const { outcomes } = one;
      if (one.rollback !== undefined) return one.rollback.key === key ? whyOf(one.rollback) : undefined;
      if (outcomes.has(key)) return undefined;
      outcomes.set(key, outcome);
      for (const oldest of outcomes.keys()) {
        if (outcomes.size <= windowOf(limits)) break;
        outcomes.delete(oldest);
      }
      const samples = outcomes.size;
      if (samples < limits.minSamples) return undefined;
      for (const limit of limitedOutcomes(limits)) {
        const count = [...outcomes.values()].filter((happened) => happened === limit.outcome).length;
        if (count / samples <= limit.most) continue;
        one.rollback = { outcome: limit.outcome, count, samples, key };
        return whyOf(one.rollback);
      }
      return undefined;
    },
  };
}

function whyOf({ outcome, count, samples }: Rollback): Rollback {
  return { outcome, count, samples };
}
