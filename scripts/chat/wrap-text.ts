import { stripVTControlCharacters } from 'node:util';
import { graphemeWidth, textWidth } from '../cli/text-width.ts';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const escapes = /\u001b\[[0-9;]*m/g;

/**
 * Breaks one line at blanks into lines of at most `width` columns, words that are longer inside. Styles go on over
 * the break and end with each line.
 */
export function wrapText(text: string, width: number): string[] {
  if (textWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<= )/).flatMap((one) => breakWord(one, width))) {
    if (textWidth(line) + textWidth(word.trimEnd()) > width) {
      const isBlank = stripVTControlCharacters(line).trim() === '';
      if (!isBlank) lines.push(line.trimEnd());
      // Blanks that no word fits behind are dropped, styles that begin among them are not.
      line = isBlank ? line.replaceAll(' ', '') : '';
    }
    line += word;
  }
  return carryStyles([...lines, line.trimEnd()]);
}

function breakWord(word: string, width: number): string[] {
  if (textWidth(word.trimEnd()) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const part of word.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) {
      piece += part;
      continue;
    }
    for (const { segment } of graphemes.segment(part)) {
      const columns = graphemeWidth(segment);
      if (used + columns > width) {
        pieces.push(piece);
        piece = '';
        used = 0;
      }
      piece += segment;
      used += columns;
    }
  }
  return [...pieces, piece];
}

const ends: Readonly<Record<string, readonly string[]>> = {
  '22': ['1', '2'],
  '23': ['3'],
  '24': ['4'],
  '27': ['7'],
  '39': [],
};

function carryStyles(lines: readonly string[]): string[] {
  let open: string[] = [];
  return lines.map((line) => {
    const begin = open.map((code) => `\u001b[${code}m`).join('');
    for (const [sequence] of line.matchAll(escapes)) {
      const code = sequence.slice(2, -1);
      const ended = ends[code];
      if (ended === undefined) open.push(code);
      else open = open.filter((one) => !(code === '39' ? /^3\d$/.test(one) : ended.includes(one)));
    }
    const close = open.length > 0 ? '\u001b[0m' : '';
    return `${begin}${line}${close}`;
  });
}
