/** A text as detectors read it, and where each of its characters stands in the original. */
export interface NormalText {
  readonly text: string;
  /** The place in the original that begins with the character at `index`. */
  startOf(index: number): number;
  /** The end in the original of what ends before `index`; `index` is at least 1. */
  endOf(index: number): number;
}

/**
 * Takes the place of what must not be looked into. Counts as part of a word, and belongs to no value. Of one byte, which
 * keeps texts in the engine's smaller and faster form.
 */
export const maskedSign = '\u007f';

const plain = /^[\t\n\r -~]*$/;
/**
 * Drawn as nothing: zero-width, bidi marks, joiners, variation selectors, soft hyphens, tags, control characters. Or drawn over
 * the sign before: accents that are characters of their own, as some systems write them, strokes, the boxes of keycaps.
 */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{M}]/u;
/** The empty pattern of Braille is drawn as a blank too. */
const blank = /[\p{Zs}\v\f\u0085\u2028\u2029\u2800]/u;
const dash = /[\p{Pd}\u2212]/u;
const digit = /\p{Nd}/u;
/** The ellipsis is part of placeholders. */
const kept = new Set(['\t', '\n', '\r', '…']);

/**
 * Sees through full-width forms, digits of other scripts, odd blanks and dashes, and characters that are drawn as
 * nothing or over another, without losing the places. Linear; text of plain ASCII is taken as it is.
 */
export function normaliseText(original: string): NormalText {
  if (plain.test(original)) return { text: original, startOf: (index) => index, endOf: (index) => index };
  const parts: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const sign of original) {
    const end = at + sign.length;
    const normal = normaliseSign(sign);
    for (let unit = 0; unit < normal.length; unit += 1) {
      starts.push(at);
      ends.push(end);
    }
    parts.push(normal);
    at = end;
  }
  return {
    text: parts.join(''),
    startOf: (index) => starts[index] ?? original.length,
    endOf: (index) => ends[index - 1] ?? 0,
  };
}

function normaliseSign(sign: string): string {
  if ((sign >= ' ' && sign <= '~') || kept.has(sign)) return sign;
  if (blank.test(sign)) return ' ';
  if (invisible.test(sign)) return '';
  if (dash.test(sign)) return '-';
  if (digit.test(sign)) return digitOf(sign);
  const folded = sign.normalize('NFKC');
  // Ligatures and the like grow at most a little; what becomes blanks and marks is no part of a value.
  return folded.length <= 4 ? folded : sign;
}

/** Digits of a script stand in a row from zero to nine (Unicode, 4.6), and rows of scripts may touch. */
function digitOf(sign: string): string {
  const folded = sign.normalize('NFKC');
  if (folded >= '0' && folded <= '9') return folded;
  const code = sign.codePointAt(0) ?? 0;
  let below = 0;
  while (below < 60 && digit.test(String.fromCodePoint(code - below - 1))) below += 1;
  return String(below % 10);
}
