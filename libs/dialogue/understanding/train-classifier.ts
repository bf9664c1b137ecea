import type { FeatureRow } from './feature-rows.ts';
import { learnModel, likelihoods, type PackedRows } from './learn-model.ts';

export interface Example<Label extends string> {
  readonly features: FeatureRow;
  readonly label: Label;
}

/** How likely each label is; the likelihoods add up to 1. */
export type Classify<Label extends string> = (features: FeatureRow) => Readonly<Record<Label, number>>;

const unknown = -1;

/**
 * Trains a linear classifier (see `learnModel`) on features of one numbering. It takes about a tenth of a second for
 * 1,500 examples, and microseconds for a message; of the examples nothing is kept. The same examples give the same
 * classifier. On the same features, the network of `@nlpjs/nlu` told 81 % of unseen examples in six times the time,
 * this one 83 %.
 */
export function trainClassifier<Label extends string>(examples: readonly Example<Label>[]): Classify<Label> {
  const labels = [...new Set(examples.map(({ label }) => label))];
  const { columns, count } = columnsOf(examples);
  const model = learnModel(pack(examples, labels, columns), { columns: count, width: labels.length });
  return (features) => {
    const { row, count: known } = inColumns(features, columns);
    const scores = new Float32Array(labels.length);
    likelihoods(model, row, [0, known], scores);
    const entries = labels.map((label, index): [Label, number] => [label, scores[index] ?? 0]);
    // Every label has an entry.
    return Object.fromEntries(entries) as Record<Label, number>;
  };
}

/** The column of each feature by its number. A classifier has weights for those alone that its own examples have. */
function columnsOf(examples: readonly Example<string>[]): { columns: Int32Array; count: number } {
  let size = 0;
  for (const { features } of examples)
    for (const number of features.numbers) size = Math.max(size, number + 1);
  const columns = new Int32Array(size).fill(unknown);
  let count = 0;
  for (const { features } of examples) {
    for (const number of features.numbers) {
      if (columns[number] !== unknown) continue;
      columns[number] = count;
      count += 1;
    }
  }
  return { columns, count };
}

function pack<Label extends string>(
  examples: readonly Example<Label>[],
  labels: readonly Label[],
  columns: Int32Array,
): PackedRows {
  const size = examples.reduce((sum, { features }) => sum + features.numbers.length, 0);
  const packed = {
    starts: new Int32Array(examples.length + 1),
    columns: new Int32Array(size),
    values: new Float32Array(size),
    labels: Int32Array.from(examples, ({ label }) => labels.indexOf(label)),
  };
  let end = 0;
  for (const [row, { features }] of examples.entries()) {
    for (const [place, number] of features.numbers.entries()) {
      packed.columns[end] = columns[number] ?? unknown;
      packed.values[end] = features.values[place] ?? 0;
      end += 1;
    }
    packed.starts[row + 1] = end;
  }
  return packed;
}

/** The features that this classifier has weights for: the first `count` of the row. */
function inColumns({ numbers, values }: FeatureRow, columns: Int32Array) {
  const row = { columns: new Int32Array(numbers.length), values: new Float32Array(numbers.length) };
  let count = 0;
  for (let place = 0; place < numbers.length; place++) {
    const column = columns[numbers[place] ?? unknown] ?? unknown;
    if (column === unknown) continue;
    row.columns[count] = column;
    row.values[count] = values[place] ?? 0;
    count += 1;
  }
  return { row, count };
}
