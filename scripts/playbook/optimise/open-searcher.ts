import { createValidators } from '#dialogue/flows/validators/create-validators';
import { createOfflineUnderstanding } from '#dialogue/understanding/create-offline-understanding';
import { createMeter, type Meter } from './meter.ts';
import type { Prepared } from './prepare.ts';
import type { Proposal } from './proposal.ts';
import type { Report } from './report.ts';
import type { OptimiseDeps, OptimiseSettings } from './run-optimisation.ts';
import { searchExamples } from './search-examples.ts';

/** What looks for something better, and measures it. */
export interface Searcher {
  /** What understands. */
  readonly by: string;
  readonly meter: Meter;
  search(): Promise<Proposal>;
  cost(): Omit<Report['cost'], 'seconds'>;
}

const defaultTrials = 60;

export function openSearcher(
  { files, playbook, load, split }: Prepared,
  { budget = defaultTrials }: OptimiseSettings,
  { signal, tell }: OptimiseDeps,
): Searcher {
  const validators = createValidators();
  let trials = 0;
  const meter = createMeter({
    load,
    validators,
    signal,
    atOnce: 1,
    onUsage: () => undefined,
    understandBy: (learnt) => {
      trials += 1;
      return createOfflineUnderstanding({ playbook: learnt, validators });
    },
  });
  return {
    by: 'offline',
    meter,
    search: () => searchExamples(split, { files, playbook, validators, meter, budget, tell }),
    cost: () => ({ calls: 0, trials, inputTokens: 0, outputTokens: 0 }),
  };
}
