import type { Bench } from './bench.ts';

/** How far a goal reaches: `above` wants at least so much, `below` at most. */
export interface Goal {
  readonly wants: 'above' | 'below';
  readonly goal: number;
  readonly stretch?: number;
}

/** One line of the table. */
export interface Result {
  readonly what: string;
  readonly ours: string;
  readonly comparedWith: string;
  /** What the goal is about: a ratio, or an absolute figure of its own unit. */
  readonly value: number;
  /** Appended to figures that are no ratio, e.g. ` ms`. */
  readonly unit?: string;
  /** Missing on lines that are for information. */
  readonly goal?: Goal;
}

export interface Row {
  readonly name: string;
  /** What is measured, in a line. */
  readonly measures: string;
  run(bench: Bench): Promise<readonly Result[]>;
}
