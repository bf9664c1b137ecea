import { z } from 'zod';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import { createModelUnderstanding } from '#dialogue/understanding/create-model-understanding';
import { createOfflineUnderstanding } from '#dialogue/understanding/create-offline-understanding';
import type { TokenUsage } from '#models/chat-model';
import { createChatModel } from '#models/create-chat-model';
import { type ModelSettings, modelSettings } from '#models/model-settings';
import { readConfig } from '#runtime/read-config';
import { CommandError } from '../../cli/errors.ts';
import { callPatiently } from './call-patiently.ts';
import { createMeter, type Meter } from './meter.ts';
import type { Prepared } from './prepare.ts';
import type { Proposal } from './proposal.ts';
import type { Report } from './report.ts';
import type { OptimiseDeps, OptimiseSettings } from './run-optimisation.ts';
import { searchExamples } from './search-examples.ts';
import { searchPrompt } from './search-prompt.ts';
import { writeNotes } from './write-notes.ts';

/** What looks for something better, and measures it. */
export interface Searcher {
  /** What understands. */
  readonly by: string;
  readonly meter: Meter;
  search(): Promise<Proposal>;
  cost(): Omit<Report['cost'], 'seconds'>;
}

const defaultTrials = 60;
const defaultCalls = 2_000;
const callsAtOnce = 4;

/** @throws {CommandError} where the budget is too small for any search; {ConfigError} where no model is named. */
export function openSearcher(prepared: Prepared, settings: OptimiseSettings, deps: OptimiseDeps): Searcher {
  return settings.model === undefined
    ? openOffline(prepared, settings, deps)
    : openModel(prepared, settings, { ...deps, name: settings.model });
}

function openOffline(
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

function openModel(
  { files, playbook, load, split }: Prepared,
  { budget = defaultCalls, most, seed }: OptimiseSettings,
  { signal, tell, env, name }: OptimiseDeps & { readonly name: string | null },
): Searcher {
  const settings = modelOf(env, name);
  const model = createChatModel(settings);
  if (model === undefined || settings.provider === 'offline') throw new CommandError('There is no model');
  const reserve = 2 * split.heldOut.length;
  const least = split.training.length + 2 * split.validation.length + reserve;
  if (budget < least)
    throw new CommandError(
      `--budget ${budget} is too small: with these cases it takes ${least} calls at least`,
    );
  const validators = createValidators();
  const spent = { calls: 0, inputTokens: 0, outputTokens: 0 };
  const onUsage = ({ inputTokens, outputTokens }: TokenUsage): void => {
    spent.inputTokens += inputTokens;
    spent.outputTokens += outputTokens;
  };
  const onCall = (): void => {
    spent.calls += 1;
  };
  const meter = createMeter({
    load,
    validators,
    signal,
    atOnce: callsAtOnce,
    onUsage,
    understandBy: (shown) =>
      callPatiently(createModelUnderstanding({ model, playbook: shown, validators }), onCall),
  });
  return {
    by: settings.model,
    meter,
    search: () =>
      searchPrompt(split, {
        files,
        playbook,
        meter,
        room: most,
        seed,
        left: () => budget - reserve - spent.calls,
        writeNotes: (mistakes) => {
          onCall();
          return writeNotes(mistakes, { model, playbook, signal, onUsage });
        },
        tell,
      }),
    cost: () => ({ ...spent, trials: 0 }),
  };
}

function modelOf(env: OptimiseDeps['env'], name: string | null): ModelSettings {
  const named = name === null ? {} : { MODEL_NAME: name };
  const schema = z.object({ model: modelSettings });
  return readConfig(schema, { ...env, ...named, MODEL_PROVIDER: 'openai' }).config.model;
}
