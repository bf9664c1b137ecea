import type { Playbook, UnderstandingPrompt } from '#playbook/playbook';
import type { PlaybookFiles } from '#playbook/playbook-files';
import { explainNoRoom } from './compare-outcomes.ts';
import { createRandom, shuffled } from './create-random.ts';
import { exampleSets, neighbour, poolOf, type Room } from './example-pool.ts';
import type { LabelledCase } from './labelled-case.ts';
import type { Meter } from './meter.ts';
import type { Proposal } from './proposal.ts';
import type { Split } from './split-cases.ts';
import { withPrompt } from './with-prompt.ts';
import type { Mistake } from './write-notes.ts';

export interface PromptSearchDeps {
  readonly files: PlaybookFiles;
  readonly playbook: Playbook;
  readonly meter: Meter;
  readonly room: Room;
  readonly seed: number;
  /** Calls that are left for the search: held-out has its own. */
  readonly left: () => number;
  /** What the model makes of its mistakes: notes to try. */
  readonly writeNotes: (mistakes: readonly Mistake[]) => Promise<readonly string[]>;
  readonly tell: (line: string) => void;
}

/** Most sets of each kind that are tried, whatever the budget is. */
const mostSets = 12;
const mostSteps = 16;
/** So many training messages show what is misunderstood. */
const mostTraining = 200;
/** Of what is left after the first measurements, for sets of examples, then for steps from the best. */
const shares = { sets: 0.5, steps: 0.3 };

/**
 * Looks for a prompt by which the model understands more of validation: sets of training examples, small steps from the best
 * of them, then notes that it writes from its own mistakes (after BootstrapFewShot with random search and MIPRO: Khattab
 * and others 2023, Opsahl-Ong and others 2024). What cannot become better than the best any more is ended at once.
 */
export async function searchPrompt(split: Split, deps: PromptSearchDeps): Promise<Proposal> {
  const { files, playbook, meter, room, seed, left, tell } = deps;
  const random = createRandom('prompt', seed);
  const judged = shuffled(split.validation, random);
  const training = shuffled(split.training, random).slice(0, mostTraining);
  const before = (await meter(files, judged))?.rights;
  if (before === undefined) throw new Error('The files make no playbook');
  const noRoom = explainNoRoom(before);
  if (noRoom !== undefined) return { files, before, after: before, notes: [noRoom] };
  const onTraining = await meter(files, training);
  if (onTraining === undefined) throw new Error('The files make no playbook');
  tell(`training: ${countWrong(onTraining.rights)} of ${training.length} messages are misunderstood`);
  const pool = poolOf(training, onTraining.rights);
  const search = createTrials({ ...deps, judged, before });
  const budget = left();
  let sets = 0;
  for (const { name, examples } of exampleSets(pool, playbook.prompt.examples, room, random)) {
    if (sets >= mostSets || !search.isOpen(budget * (1 - shares.sets))) break;
    sets += 1;
    await search.tryOne(name, { ...search.best().prompt, examples });
  }
  for (let step = 0; step < mostSteps && search.isOpen(budget * (1 - shares.sets - shares.steps)); step++) {
    const { prompt } = search.best();
    const examples = neighbour(prompt.examples, pool, room, random);
    await search.tryOne(`step ${step + 1}`, { ...prompt, examples });
  }
  const mistakes = training.flatMap((one, index): Mistake[] =>
    onTraining.rights[index] === true ? [] : [{ one, got: onTraining.got[index] ?? {} }],
  );
  const written = mistakes.length > 0 && search.isOpen(0) ? await deps.writeNotes(mistakes) : [];
  for (const [index, instructions] of written.entries()) {
    if (!search.isOpen(0)) break;
    await search.tryOne(`notes ${index + 1}`, { ...search.best().prompt, instructions });
  }
  const { best } = search;
  return {
    files: best().files,
    before,
    after: best().rights,
    notes: [
      `${mistakes.length} of ${training.length} training messages are misunderstood; ${search.count()} prompts were tried, the best is "${best().name}" with ${best().prompt.examples.length} examples`,
      ...(mistakes.length > 0 && written.length === 0 ? ['The model wrote no notes'] : []),
    ],
  };
}

interface Best {
  readonly name: string;
  readonly prompt: UnderstandingPrompt;
  readonly files: PlaybookFiles;
  readonly rights: readonly boolean[];
}

interface Trials {
  readonly best: () => Best;
  readonly count: () => number;
  /** Whether one more can be tried and so many calls are left. */
  readonly isOpen: (reserve: number) => boolean;
  tryOne(name: string, prompt: UnderstandingPrompt): Promise<void>;
}

function createTrials(
  deps: PromptSearchDeps & { readonly judged: readonly LabelledCase[]; readonly before: readonly boolean[] },
): Trials {
  const { files, playbook, meter, left, tell, judged, before } = deps;
  let best: Best = { name: 'as it stands', prompt: playbook.prompt, files, rights: before };
  const tried = new Set<string>([JSON.stringify(playbook.prompt)]);
  let count = 0;
  return {
    best: () => best,
    count: () => count,
    isOpen: (reserve) => left() >= judged.length + reserve && countWrong(best.rights) > 0,
    tryOne: async (name, prompt) => {
      const key = JSON.stringify(prompt);
      if (tried.has(key)) return;
      tried.add(key);
      count += 1;
      const others = withPrompt(files, playbook.prompt, prompt);
      const most = countWrong(best.rights);
      const measured = await meter(others, judged, most);
      const isBetter = measured?.isWhole === true;
      const wrong = isBetter
        ? `${countWrong(measured.rights)} wrong, kept`
        : `no less than ${most} wrong, left out`;
      tell(`${name}, ${prompt.examples.length} examples: ${wrong}; ${Math.max(0, left())} calls left`);
      if (isBetter) best = { name, prompt, files: others, rights: measured.rights };
    },
  };
}

function countWrong(rights: readonly boolean[]): number {
  return rights.filter((isRight) => !isRight).length;
}
