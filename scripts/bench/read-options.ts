import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly rounds: number;
  /** Turns of a worker in one round; what costs less takes a multiple of it. */
  readonly turns: number;
  /** Names of rows; empty for all. */
  readonly only: readonly string[];
  readonly json: string | undefined;
}

/** @throws {TypeError} that says which argument is wrong. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      turns: { type: 'string', default: '640' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
    },
  });
  return {
    rounds: toCount('rounds', values.rounds),
    turns: toCount('turns', values.turns),
    only: values.only.flatMap((names) => names.split(',')),
    json: values.json,
  };
}

function toCount(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new TypeError(`--${name} is ${text}: give a whole number above 0`);
}
