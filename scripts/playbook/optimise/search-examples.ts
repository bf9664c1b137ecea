import type { Got } from '#dialogue/understanding/match-item';
import type { PlaybookFiles } from '#playbook/playbook-files';
import { applyAdditions } from './apply-additions.ts';
import { compareOutcomes, explainNoRoom } from './compare-outcomes.ts';
import { labelChanges } from './label-changes.ts';
import { type LabelledCase, labelOf } from './labelled-case.ts';
import type { Measured } from './measure.ts';
import type { Meter } from './meter.ts';
import { type Addition, type PlaceDeps, placeExample } from './place-example.ts';
import type { Proposal } from './proposal.ts';
import type { Split } from './split-cases.ts';

export interface ExampleSearchDeps extends PlaceDeps {
  readonly files: PlaybookFiles;
  readonly meter: Meter;
  /** How often the playbook is learnt anew at most. */
  readonly budget: number;
  readonly tell: (line: string) => void;
}

interface Candidate {
  readonly label: string;
  readonly additions: readonly Addition[];
}

/**
 * Looks for those training messages that help as examples of the classifier, the misunderstood ones first: all at once, and
 * where that does harm, without the labels that do it, label by label, and half by half. A batch is kept where more of
 * validation is understood with it, and of no label less than as it stands, known messages included.
 */
export async function searchExamples(split: Split, deps: ExampleSearchDeps): Promise<Proposal> {
  const { files, meter, tell, budget } = deps;
  const { training, validation } = split;
  const judged = [...validation, ...split.known];
  const before = (await meter(files, judged))?.rights;
  const onTraining = await meter(files, training);
  if (onTraining === undefined || before === undefined) throw new Error('The files make no playbook');
  const ofValidation = before.slice(0, validation.length);
  const noRoom = explainNoRoom(ofValidation);
  if (noRoom !== undefined) return { files, before: ofValidation, after: ofValidation, notes: [noRoom] };
  const missed = training.flatMap((one, index) =>
    onTraining.rights[index] === true ? [] : candidateOf(one, onTraining.got[index] ?? {}, deps),
  );
  const understood = training.flatMap((one, index) =>
    onTraining.rights[index] === true ? candidateOf(one, {}, deps) : [],
  );
  tell(`training: ${missed.length} of ${training.length} messages are misunderstood`);
  let kept: State = { additions: [], files, rights: before };
  // Those that are understood come last: they may yet tell their label from another.
  const waiting = [missed, understood].map(placed).filter(({ length }) => length > 0);
  let trials = 0;
  while (waiting.length > 0 && trials < budget) {
    const batch = waiting.shift() ?? [];
    trials += 1;
    const additions = [...kept.additions, ...batch.flatMap((candidate) => candidate.additions)];
    const tried = applyAdditions(files, additions);
    const measured = await meter(tried, judged);
    const isKept = measured !== undefined && helps(judged, before, kept.rights, measured.rights);
    tell(
      `${trials} of at most ${budget}: ${describe(batch)}: ${outcome(kept.rights, measured?.rights, isKept)}`,
    );
    if (isKept) kept = { additions, files: tried, rights: measured.rights };
    else waiting.push(...smaller(batch, harmOf(judged, kept.rights, measured)));
  }
  const unplaced = missed.length - placed(missed).length;
  const cut = waiting.length > 0 ? [`The search ended with its budget: --budget ${budget}`] : [];
  return {
    files: kept.files,
    before: ofValidation,
    after: kept.rights.slice(0, validation.length),
    notes: [
      `${missed.length} of ${training.length} training messages are misunderstood; ${kept.additions.length} texts become examples`,
      ...(unplaced === 0
        ? []
        : [`${unplaced} cannot be examples: their label does not say of what, or they hold personal data`]),
      ...cut,
    ],
  };
}

interface State {
  readonly additions: readonly Addition[];
  readonly files: PlaybookFiles;
  readonly rights: readonly boolean[];
}

function candidateOf(one: LabelledCase, got: Got, deps: PlaceDeps): Candidate {
  return { label: labelOf(one), additions: one.isPersonal ? [] : placeExample(one, got, deps) };
}

function placed(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ additions }) => additions.length > 0);
}

/** More than with what is kept, and of no label less than as it stands. */
function helps(
  cases: readonly LabelledCase[],
  asItStands: readonly boolean[],
  kept: readonly boolean[],
  tried: readonly boolean[],
): boolean {
  const isMore = tried.filter(Boolean).length > kept.filter(Boolean).length;
  return isMore && labelChanges(cases, asItStands, tried).every((change) => change.after >= change.before);
}

/** The labels that messages are taken for which were understood before: what is added to these does harm. */
function harmOf(
  cases: readonly LabelledCase[],
  kept: readonly boolean[],
  tried: Measured | undefined,
): ReadonlySet<string> {
  const taken = cases.flatMap((one, index) => {
    const { command, ...got } = tried?.got[index] ?? {};
    if (kept[index] !== true || tried?.rights[index] === true || command === undefined) return [];
    return [labelOf({ item: { ...one.item, expect: { ...got, command } } })];
  });
  return new Set(taken);
}

/** A batch without what does harm, and that label by label; one of one label in two. */
function smaller(batch: readonly Candidate[], harm: ReadonlySet<string>): (readonly Candidate[])[] {
  const labels = [...Map.groupBy(batch, ({ label }) => label).values()];
  if (labels.length > 1) {
    const isHarmful = ([first]: readonly Candidate[]): boolean =>
      first !== undefined && harm.has(first.label);
    const harmless = labels.filter((one) => !isHarmful(one));
    const isSplit = harmless.length > 0 && harmless.length < labels.length;
    return isSplit ? [harmless.flat(), ...labels.filter(isHarmful)] : bySize(labels);
  }
  if (batch.length < 2) return [];
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

function bySize(labels: readonly (readonly Candidate[])[]): (readonly Candidate[])[] {
  return labels.toSorted((a, b) => b.length - a.length);
}

function describe(batch: readonly Candidate[]): string {
  const labels = new Set(batch.map(({ label }) => label));
  const what = labels.size === 1 ? [...labels].join('') : `${labels.size} labels`;
  return `${batch.length === 1 ? '1 message' : `${batch.length} messages`} of ${what}`;
}

function outcome(before: readonly boolean[], after: readonly boolean[] | undefined, isKept: boolean): string {
  if (after === undefined) return 'no playbook, left out';
  const { gained, lost } = compareOutcomes(before, after);
  return `${gained} gained, ${lost} lost, ${isKept ? 'kept' : 'left out'}`;
}
