import { type LabelledCase, labelOf } from './labelled-case.ts';

export interface LabelChange {
  readonly label: string;
  readonly total: number;
  readonly before: number;
  readonly after: number;
}

/** Two measurements of the same cases, label by label. */
export function labelChanges(
  cases: readonly LabelledCase[],
  before: readonly boolean[],
  after: readonly boolean[],
): readonly LabelChange[] {
  const labels = Map.groupBy(cases.keys(), (index) => {
    const one = cases[index];
    return one === undefined ? '' : labelOf(one);
  });
  return [...labels]
    .map(([label, indexes]) => ({
      label,
      total: indexes.length,
      before: indexes.filter((index) => before[index] === true).length,
      after: indexes.filter((index) => after[index] === true).length,
    }))
    .toSorted((a, b) => (a.label < b.label ? -1 : 1));
}
