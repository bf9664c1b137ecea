/** A linear model: how much each feature speaks for each label. */
export interface LinearModel {
  /** How many labels there are. */
  readonly width: number;
  /** One row of labels for each column. */
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

/** Texts as rows of features, one after the other: row n goes from `starts[n]` to `starts[n + 1]`. */
export interface PackedRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
  /** The label of each row. */
  readonly labels: Int32Array;
}

const epochs = 7;
const learningRate = 0.5;
const decay = 2e-3;
/** A likelihood that is off by less teaches nothing. */
const leastError = 0.005;

/**
 * Multinomial logistic regression by AdaGrad (Duchi, Hazan, Singer 2011). The order of rows is shuffled by a generator of its
 * own, so that the same rows give the same model, to the last bit.
 */
export function learnModel(
  rows: PackedRows,
  size: { readonly columns: number; readonly width: number },
): LinearModel {
  const { width } = size;
  const model = {
    width,
    weights: new Float32Array(size.columns * width),
    biases: new Float32Array(width),
  };
  const state: Learning = {
    gathered: new Float32Array(model.weights.length).fill(0.01),
    errors: new Float32Array(width),
    wrong: new Int32Array(width),
  };
  const order = Int32Array.from(rows.labels, (_, row) => row);
  const random = createRandom();
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (const row of order) learnRow(model, rows, row, state);
  }
  return model;
}

/** Writes how likely each label is for the features from `start` to `end`. */
export function likelihoods(
  { width, weights, biases }: LinearModel,
  { columns, values }: { readonly columns: Int32Array; readonly values: Float32Array },
  [start, end]: readonly [number, number],
  into: Float32Array,
): void {
  into.set(biases);
  for (let at = start; at < end; at++) {
    const from = (columns[at] ?? 0) * width;
    const value = values[at] ?? 0;
    for (let label = 0; label < width; label++)
      into[label] = (into[label] ?? 0) + (weights[from + label] ?? 0) * value;
  }
  let highest = Number.NEGATIVE_INFINITY;
  for (let label = 0; label < width; label++) highest = Math.max(highest, into[label] ?? 0);
  let sum = 0;
  for (let label = 0; label < width; label++) {
    const score = Math.exp((into[label] ?? 0) - highest);
    into[label] = score;
    sum += score;
  }
  for (let label = 0; label < width; label++) into[label] = (into[label] ?? 0) / sum;
}

interface Learning {
  /** Squares of the gradients so far, for each weight. */
  readonly gathered: Float32Array;
  readonly errors: Float32Array;
  /** The labels that are off. */
  readonly wrong: Int32Array;
}

function learnRow(
  model: LinearModel,
  rows: PackedRows,
  row: number,
  { gathered, errors, wrong }: Learning,
): void {
  const { width, weights, biases } = model;
  const start = rows.starts[row] ?? 0;
  const end = rows.starts[row + 1] ?? start;
  likelihoods(model, rows, [start, end], errors);
  const own = rows.labels[row] ?? 0;
  errors[own] = (errors[own] ?? 0) - 1;
  const count = collectWrong(errors, wrong);
  for (let place = 0; place < count; place++) {
    const label = wrong[place] ?? 0;
    biases[label] = (biases[label] ?? 0) - 0.02 * (errors[label] ?? 0);
  }
  for (let at = start; at < end; at++) {
    const from = (rows.columns[at] ?? 0) * width;
    const value = rows.values[at] ?? 0;
    for (let place = 0; place < count; place++) {
      const label = wrong[place] ?? 0;
      const cell = from + label;
      const weight = weights[cell] ?? 0;
      const gradient = (errors[label] ?? 0) * value + decay * weight;
      const squares = (gathered[cell] ?? 0) + gradient * gradient;
      gathered[cell] = squares;
      weights[cell] = weight - (learningRate * gradient) / Math.sqrt(squares);
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

function shuffle(order: Int32Array, random: () => number): void {
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
