import { textWidth } from '../cli/text-width.ts';

/** The line that is being typed. */
export interface Line {
  /** One sign as the reader sees it each. */
  readonly signs: readonly string[];
  /** How many signs stand before the cursor. */
  readonly cursor: number;
}

/** As `node:readline` tells of a key. */
export interface Key {
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

export const emptyLine: Line = { signs: [], cursor: 0 };

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export function lineOf(text: string): Line {
  const signs = Array.from(graphemes.segment(text), ({ segment }) => segment);
  return { signs, cursor: signs.length };
}

export function textOf({ signs }: Line): string {
  return signs.join('');
}

export function insertText({ signs, cursor }: Line, text: string): Line {
  const before = lineOf(signs.slice(0, cursor).join('') + text);
  return { signs: [...before.signs, ...signs.slice(cursor)], cursor: before.cursor };
}

/** The line after an editing key; undefined for keys that are not about editing. */
export function editLine(line: Line, key: Key): Line | undefined {
  const { signs, cursor } = line;
  const remove = (from: number, to: number): Line => ({
    signs: signs.toSpliced(from, to - from),
    cursor: from,
  });
  const move = (to: number): Line => ({ signs, cursor: Math.max(0, Math.min(signs.length, to)) });
  switch (nameOf(key)) {
    case 'left':
    case 'ctrl+b':
      return move(cursor - 1);
    case 'right':
    case 'ctrl+f':
      return move(cursor + 1);
    case 'home':
    case 'ctrl+a':
      return move(0);
    case 'end':
    case 'ctrl+e':
      return move(signs.length);
    case 'meta+b':
    case 'ctrl+left':
      return move(wordStart(line));
    case 'meta+f':
    case 'ctrl+right':
      return move(wordEnd(line));
    case 'backspace':
    case 'ctrl+h':
      return cursor === 0 ? line : remove(cursor - 1, cursor);
    case 'delete':
    case 'ctrl+d':
      return remove(cursor, Math.min(signs.length, cursor + 1));
    case 'ctrl+u':
      return remove(0, cursor);
    case 'ctrl+k':
      return remove(cursor, signs.length);
    case 'ctrl+w':
    case 'meta+backspace':
      return remove(wordStart(line), cursor);
    default:
      return undefined;
  }
}

/** The rows of the line at this width, and where the cursor is in them. A line feed is shown as a sign. */
export function layOutLine(
  { signs, cursor }: Line,
  width: number,
): { rows: string[]; row: number; column: number } {
  const rows = [''];
  let used = 0;
  let place = { row: 0, column: 0 };
  for (const [index, sign] of [...signs, ' '].entries()) {
    const shown = sign === '\n' ? '⏎' : sign;
    const columns = textWidth(shown);
    if (used + columns > width) {
      rows.push('');
      used = 0;
    }
    if (index === cursor) place = { row: rows.length - 1, column: used };
    if (index < signs.length) rows[rows.length - 1] += shown;
    used += columns;
  }
  return { rows, ...place };
}

function nameOf({ name = '', ctrl, meta }: Key): string {
  return `${ctrl === true ? 'ctrl+' : ''}${meta === true ? 'meta+' : ''}${name}`;
}

function wordStart({ signs, cursor }: Line): number {
  let at = cursor;
  while (at > 0 && signs[at - 1] === ' ') at -= 1;
  while (at > 0 && signs[at - 1] !== ' ') at -= 1;
  return at;
}

function wordEnd({ signs, cursor }: Line): number {
  let at = cursor;
  while (at < signs.length && signs[at] === ' ') at += 1;
  while (at < signs.length && signs[at] !== ' ') at += 1;
  return at;
}
