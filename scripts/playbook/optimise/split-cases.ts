import { createRandom, shuffled } from './create-random.ts';
import { groupCases } from './group-cases.ts';
import { type LabelledCase, labelOf } from './labelled-case.ts';
import { keyOf } from './words-of.ts';

export const parts = ['training', 'validation', 'heldOut'] as const;
export type Part = (typeof parts)[number];

export interface Split extends Readonly<Record<Part, readonly LabelledCase[]>> {
  /**
   * Those whose words the playbook holds as an example already. They are in no part, because to understand them proves nothing; to
   * understand them no more proves harm.
   */
  readonly known: readonly LabelledCase[];
  /** How many of the others there are that are no paraphrases of each other, whole dialogues counting once. */
  readonly groups: number;
  /** The same for each label that any case has. */
  readonly groupsOf: ReadonlyMap<string, number>;
}

const shares: Readonly<Record<Part, number>> = { training: 0.4, validation: 0.3, heldOut: 0.3 };

/**
 * Splits cases in three, with the same mix of labels in each as far as it goes (iterative stratification: Sechidis,
 * Tsoumakas, Vlahavas 2011). Groups stay whole. The same cases and seed give the same split, whatever their order.
 *
 * @param isKnown whether the words of a case are among what the playbook learns from: it proves nothing to measure by it.
 */
export function splitCases(
  cases: readonly LabelledCase[],
  seed: number,
  isKnown: (words: string) => boolean,
): Split {
  const sorted = cases.toSorted((a, b) => compare(nameOf(a), nameOf(b)));
  const known = sorted.filter(({ text }) => isKnown(keyOf(text)));
  const open = sorted.filter(({ text }) => !isKnown(keyOf(text)));
  const groups = shuffled(groupCases(open), createRandom('split', seed));
  const wanted = wantedOf(open);
  const split: Record<Part, LabelledCase[]> = { training: [], validation: [], heldOut: [] };
  const counts = Map.groupBy(open, labelOf);
  const rarest = (group: readonly LabelledCase[]): number =>
    Math.min(...group.map((one) => counts.get(labelOf(one))?.length ?? 0));
  // Large groups are hard to place once the others are; then labels that have few to give.
  for (const group of groups.toSorted((a, b) => b.length - a.length || rarest(a) - rarest(b))) {
    const part = neediest(group, wanted);
    split[part].push(...group);
    for (const one of group) {
      const wish = wanted.get(labelOf(one));
      if (wish !== undefined) wish[part] -= 1;
    }
  }
  return { ...split, known, groups: groups.length, groupsOf: countGroups(sorted, groups) };
}

function countGroups(
  cases: readonly LabelledCase[],
  groups: readonly (readonly LabelledCase[])[],
): ReadonlyMap<string, number> {
  const labels = [...new Set(cases.map(labelOf))];
  return new Map(
    labels.map((label) => [
      label,
      groups.filter((group) => group.some((one) => labelOf(one) === label)).length,
    ]),
  );
}

type Wish = Record<Part, number>;

function wantedOf(cases: readonly LabelledCase[]): Map<string, Wish> {
  const wanted = new Map<string, Wish>();
  for (const one of cases) {
    const wish = wanted.get(labelOf(one)) ?? { training: 0, validation: 0, heldOut: 0 };
    for (const part of parts) wish[part] += shares[part];
    wanted.set(labelOf(one), wish);
  }
  return wanted;
}

/** The part that lacks most of what the group has; where two do, the one that lacks most of everything. */
function neediest(group: readonly LabelledCase[], wanted: ReadonlyMap<string, Wish>): Part {
  const need = (part: Part): number =>
    group.reduce((sum, one) => sum + (wanted.get(labelOf(one))?.[part] ?? 0), 0);
  const lack = (part: Part): number => [...wanted.values()].reduce((sum, wish) => sum + wish[part], 0);
  return parts.toSorted((a, b) => need(b) - need(a) || lack(b) - lack(a))[0] ?? 'training';
}

function nameOf({ text, origin, item }: LabelledCase): string {
  return JSON.stringify([text, item, origin.replace(/:\d+$/, '')]);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
