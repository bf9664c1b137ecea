import type { Validator } from '#dialogue/flows/validator';
import type { Understand } from '#dialogue/understanding/understanding';
import type { TokenUsage } from '#models/chat-model';
import { examinePlaybook } from '#playbook/examine-playbook';
import type { LoadOptions } from '#playbook/load-options';
import type { Playbook } from '#playbook/playbook';
import type { PlaybookFiles } from '#playbook/playbook-files';
import type { LabelledCase } from './labelled-case.ts';
import { type Measured, measure } from './measure.ts';

/**
 * Measures files as they would be written: they are read as a worker reads them. Undefined where they make no playbook.
 * `mostWrong` ends it as soon as so many cases are wrong.
 */
export type Meter = (
  files: PlaybookFiles,
  cases: readonly LabelledCase[],
  mostWrong?: number,
) => Promise<Measured | undefined>;

export interface MeterDeps {
  readonly load: LoadOptions;
  readonly validators: ReadonlyMap<string, Validator>;
  readonly signal: AbortSignal;
  readonly atOnce: number;
  readonly onUsage: (usage: TokenUsage) => void;
  /** How messages are understood by a playbook. */
  readonly understandBy: (playbook: Playbook) => Understand;
}

export function createMeter(deps: MeterDeps): Meter {
  const { load, understandBy, signal } = deps;
  // What was learnt last is asked for again: training and validation are measured one after the other.
  let last: { files: PlaybookFiles; playbook: Playbook; understand: Understand } | undefined;
  return async (files, cases, mostWrong) => {
    signal.throwIfAborted();
    if (last?.files !== files) {
      const { playbook } = examinePlaybook(files, load);
      if (playbook === undefined) return undefined;
      last = { files, playbook, understand: understandBy(playbook) };
    }
    const { playbook, understand } = last;
    return measure(understand, cases, { ...deps, playbook, ...(mostWrong !== undefined && { mostWrong }) });
  };
}
