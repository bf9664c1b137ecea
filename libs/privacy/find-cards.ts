import { maskedSign } from './normalise-text.ts';
import type { Finding } from './privacy.ts';
import { wordEnd } from './word-edge.ts';

const runs = new RegExp(`(?<![\\p{L}\\p{N}_+${maskedSign}])[0-9](?:[ -]?[0-9]){12,1000}${wordEnd}`, 'gu');
/** In groups of four, or as American Express does, with more than one sign or another one between: always the same. */
const grouped = new RegExp(
  `(?<![\\p{L}\\p{N}_+${maskedSign}])[0-9]{4}([ \\t./_-]{1,3})(?:[0-9]{4}\\1[0-9]{4}\\1[0-9]{1,7}|[0-9]{6}\\1[0-9]{4,5})${wordEnd}`,
  'gu',
);
/** Prefixes and lengths of the schemes: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro. */
const schemes: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|[68])/, [14, 16, 19]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 19]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:50|5[6-9]|6[37])/, [13, 14, 15, 16, 17, 18, 19]],
];

/**
 * Card numbers: 13 to 19 digits, in groups or not, with the prefix and length of a scheme and a right check digit
 * (ISO/IEC 7812-1). Longer runs of digits are looked through group by group.
 */
export function findCards(text: string): Finding[] {
  const found: Finding[] = [];
  for (const { 0: run, index } of text.matchAll(runs)) {
    const groups = [...run.matchAll(/[0-9]+/g)];
    for (let first = 0; first < groups.length; first += 1) {
      const last = endOfCard(groups, first);
      const [begin, end] = [groups[first], last === undefined ? undefined : groups[last]];
      if (last === undefined || begin === undefined || end === undefined) continue;
      found.push({ kind: 'card', start: index + begin.index, end: index + end.index + end[0].length });
      first = last;
    }
  }
  for (const { 0: run, index } of text.matchAll(grouped)) {
    if (isCard(run.replaceAll(/[^0-9]/g, '')))
      found.push({ kind: 'card', start: index, end: index + run.length });
  }
  return found;
}

function endOfCard(groups: readonly RegExpExecArray[], first: number): number | undefined {
  let digits = '';
  for (let last = first; last < groups.length; last += 1) {
    digits += groups[last]?.[0] ?? '';
    if (digits.length > 19) return undefined;
    if (digits.length >= 13 && isCard(digits)) return last;
  }
  return undefined;
}

function isCard(digits: string): boolean {
  const isKnown = schemes.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits));
  return isKnown && hasRightCheckDigit(digits);
}

/** The Luhn algorithm. */
function hasRightCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const weighed = index % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
