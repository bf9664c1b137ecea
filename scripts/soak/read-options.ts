import { parseArgs } from 'node:util';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly users: number;
  /** Seconds from one kill to the next, on average. */
  readonly everySeconds: number;
  readonly mode: 'sync' | 'appservice';
  /** How long the system may take to come to rest at the end. */
  readonly restSeconds: number;
}

export const usage = `npm run soak -- [options]
  --minutes N   how long there are load and kills (default 3)
  --seed N      repeats the choices of an earlier run (default: the time)
  --users N     people who talk at the same time (default 8)
  --every N     seconds from one kill to the next, on average (default 1.5)
  --mode MODE   sync or appservice (default sync)
  --rest N      seconds to come to rest at the end (default 120)
`;

/** @throws {TypeError} that says which argument is wrong. */
export function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
      users: { type: 'string', default: '8' },
      every: { type: 'string', default: '1.5' },
      mode: { type: 'string', default: 'sync' },
      rest: { type: 'string', default: '120' },
    },
  });
  const { mode } = values;
  if (mode !== 'sync' && mode !== 'appservice') {
    throw new TypeError(`--mode is ${mode}: give sync or appservice`);
  }
  return {
    minutes: toNumber('minutes', values.minutes),
    seed: toNumber('seed', values.seed),
    users: Math.round(toNumber('users', values.users)),
    everySeconds: toNumber('every', values.every),
    mode,
    restSeconds: toNumber('rest', values.rest),
  };
}

function toNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new TypeError(`--${name} is ${text}: give a number above 0`);
}
