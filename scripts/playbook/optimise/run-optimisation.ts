import type { PlaybookFiles } from '#playbook/playbook-files';
import type { Environment } from '#runtime/read-config';
import { type Comparison, compareOutcomes, mostLikelyByChance } from './compare-outcomes.ts';
import { diffLines } from './diff-lines.ts';
import { rareLabels } from './explain-too-few.ts';
import { findConflicts } from './find-conflicts.ts';
import { labelChanges } from './label-changes.ts';
import type { LabelledCase } from './labelled-case.ts';
import { openSearcher } from './open-searcher.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Report } from './report.ts';
import { changedFiles, writeFiles } from './write-files.ts';

export interface OptimiseSettings {
  readonly dir: string;
  /** More files of labelled messages. */
  readonly more: readonly string[];
  readonly withDialogues: boolean;
  /** Undefined: offline. Else the model's name, or null for the one that MODEL_NAME says. */
  readonly model: string | null | undefined;
  /** Calls of the model, or how often the playbook is learnt. */
  readonly budget: number | undefined;
  readonly seed: number;
  /** How many messages a model is shown, and how many tokens they may take. */
  readonly most: { readonly examples: number; readonly tokens: number };
  readonly isWritten: boolean;
  readonly isForced: boolean;
}

export interface OptimiseDeps {
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Is told what is being done, a line at a time. */
  readonly tell: (line: string) => void;
}

/**
 * Optimises a playbook by its labelled cases: searches on training and validation, accepts what is more than noise, and
 * measures held-out once, before and after. Writes only where it is asked to, and nothing that makes held-out worse
 * unless it is forced to.
 *
 * @throws {PlaybookError}, {CommandError}, {ModelError}: then nothing is written.
 */
export async function runOptimisation(settings: OptimiseSettings, deps: OptimiseDeps): Promise<Report> {
  const began = performance.now();
  const { dir, more, withDialogues, seed, isWritten, isForced } = settings;
  const isOffline = settings.model === undefined;
  const prepared = await prepare({ dir, more, withDialogues, seed, isOffline, ...deps });
  const { files, split, cases, playbook } = prepared;
  const searcher = openSearcher(prepared, settings, deps);
  const proposal = await searcher.search();
  const validation = compareOutcomes(proposal.before, proposal.after);
  const isAccepted = validation.gained > validation.lost && validation.p <= mostLikelyByChance;
  deps.tell('held-out is measured, once');
  const measured = await measureHeldOut(
    searcher.meter,
    files,
    isAccepted ? proposal.files : files,
    split.heldOut,
  );
  const heldOut = compareOutcomes(measured.before, measured.after);
  const changed = isAccepted ? changedFiles(files, proposal.files) : [];
  deps.signal.throwIfAborted();
  const outcome = outcomeOf(isAccepted, heldOut, { isWritten, isForced });
  if (outcome === 'written') await writeFiles(dir, files, proposal.files);
  return {
    name: playbook.name,
    by: searcher.by,
    seed,
    cases: countsOf(prepared),
    parts: {
      training: split.training.length,
      validation: split.validation.length,
      heldOut: split.heldOut.length,
    },
    rare: rareLabels(split),
    conflicts: findConflicts(files, cases),
    notes: proposal.notes,
    validation,
    isAccepted,
    heldOut,
    labels: labelChanges(split.heldOut, measured.before, measured.after),
    diffs: changed.map((file) => diffLines(file, files.texts[file] ?? '', proposal.files.texts[file] ?? '')),
    files: changed,
    cost: { ...searcher.cost(), seconds: (performance.now() - began) / 1_000 },
    outcome,
  };
}

async function measureHeldOut(
  meter: ReturnType<typeof openSearcher>['meter'],
  before: PlaybookFiles,
  after: PlaybookFiles,
  cases: readonly LabelledCase[],
): Promise<{ before: readonly boolean[]; after: readonly boolean[] }> {
  const one = await meter(before, cases);
  const other = after === before ? one : await meter(after, cases);
  if (one === undefined || other === undefined) throw new Error('The files make no playbook');
  return { before: one.rights, after: other.rights };
}

function outcomeOf(
  isAccepted: boolean,
  { before, after }: Comparison,
  { isWritten, isForced }: Pick<OptimiseSettings, 'isWritten' | 'isForced'>,
): Report['outcome'] {
  if (!isAccepted) return 'nothing';
  const isWorse = after < before;
  if (isWorse && !(isWritten && isForced)) return 'worse';
  return isWritten ? 'written' : 'proposed';
}

function countsOf({ cases, split }: Prepared): Report['cases'] {
  const turns = cases.filter(({ dialogue }) => dialogue !== undefined);
  return {
    messages: cases.length - turns.length,
    turns: turns.length,
    dialogues: new Set(turns.map(({ dialogue }) => dialogue)).size,
    groups: split.groups,
    known: split.known.length,
  };
}
