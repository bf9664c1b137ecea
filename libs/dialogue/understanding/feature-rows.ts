import type { Features } from './features-of.ts';

/** The features of a text by their numbers, of length 1 as a vector of all its features. */
export interface FeatureRow {
  readonly numbers: readonly number[];
  readonly values: readonly number[];
}

/** One numbering for all classifiers: the names of features are kept once. */
export interface FeatureRows {
  /** Numbers what is new. */
  learn(features: Features): FeatureRow;
  /** Leaves out what was never learnt. */
  read(features: Features): FeatureRow;
}

export function createFeatureRows(): FeatureRows {
  const numbered = new Map<string, number>();
  const learnt = (name: string): number => {
    const number = numbered.get(name) ?? numbered.size;
    if (number === numbered.size) numbered.set(name, number);
    return number;
  };
  return {
    learn: (features) => toRow(features, learnt),
    read: (features) => toRow(features, (name) => numbered.get(name)),
  };
}

function toRow(features: Features, numberOf: (name: string) => number | undefined): FeatureRow {
  let squares = 0;
  for (const value of features.values()) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  const numbers: number[] = [];
  const values: number[] = [];
  for (const [name, value] of features) {
    const number = numberOf(name);
    if (number === undefined) continue;
    numbers.push(number);
    // As exact as the weights are.
    values.push(Math.fround(Math.fround(value) / length));
  }
  return { numbers, values };
}
