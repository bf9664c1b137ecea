import type { Terminal } from './terminal.ts';

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  inverse: [7, 27],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof codes;
export type Paint = (style: Style, text: string) => string;

export const paintNothing: Paint = (_, text) => text;

export const paintAnsi: Paint = (style, text) => {
  const [on, off] = codes[style];
  return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
};

/** Colours on a terminal, unless NO_COLOR (no-color.org) or TERM=dumb says otherwise. */
export function paintFor({ stdout, env }: Pick<Terminal, 'stdout' | 'env'>): Paint {
  const isWanted = stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return isWanted ? paintAnsi : paintNothing;
}
