import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { maskedSign } from './normalise-text.ts';
import type { Finding } from './privacy.ts';
import { wordEnd } from './word-edge.ts';

const edge = `(?<![\\p{L}\\p{N}_+.${maskedSign}-])`;
/** `+49 30 1234567`, `0049 (0)30 1234567`, `tel:+49-30-1234567`. */
const international = new RegExp(`${edge}(?:\\+|00)[1-9](?:[ ()./-]{0,3}[0-9]){6,17}${wordEnd}`, 'gu');
/** `(555) 234-5678`, `555-234-5678`; `030 1234567`, `0171/2345678`; `06 12 34 56 78`. */
const national = [
  `(?:\\([2-9][0-9]{2}\\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}`,
  `\\(?0[0-9]{2,4}\\)?[ /-]{1,2}[0-9]{3,8}(?:[ -][0-9]{2,6}){0,3}`,
  `0[1-9](?:[ .-][0-9]{2}){4}`,
].map((pattern) => new RegExp(`${edge}${pattern}(?![\\p{L}\\p{N}_${maskedSign}]|[.,:/-][0-9])`, 'gu'));
/** What follows one of these words, with little between, is a number to call. */
const named = new RegExp(
  '\\b(?:phone|telephone|tel|mobile|cell|whatsapp|fax|sms|(?:call|reach|ring|text) (?:me|us))' +
    '(?:[ \\t:=#.-]{0,3}\\b(?:number|no|nr|is|was|at|on|under|via)\\b){0,3}[ \\t:=#.-]{1,3}',
  'giu',
);
const afterName = new RegExp(`\\+?\\(?[0-9](?:[ ()./-]{0,2}[0-9]){6,14}${wordEnd}`, 'uy');
const date = /^[0-9]{4}-[0-9]{2}-[0-9]{2}/;

/**
 * Phone numbers: international ones that a country has, national ones as people write them in groups, and any that a
 * word announces. Bare runs of digits are taken for something else: an invoice, an order, an amount.
 */
export function findPhones(text: string): Finding[] {
  const found: Finding[] = [];
  const add = (start: number, length: number): void => {
    found.push({ kind: 'phone', start, end: start + length });
  };
  for (const { 0: run, index } of text.matchAll(international)) {
    const length = lengthOfInternational(run);
    if (length !== undefined) add(index, length);
  }
  for (const pattern of national) {
    for (const { 0: run, index } of text.matchAll(pattern)) if (digitsIn(run) >= 9) add(index, run.length);
  }
  for (const { 0: words, index } of text.matchAll(named)) {
    afterName.lastIndex = index + words.length;
    const run = afterName.exec(text)?.[0];
    if (run !== undefined && !date.test(run)) add(index + words.length, run.length);
  }
  return found;
}

/** The longest beginning, up to the end of a group, that is a number of some country; a possible one will do. */
function lengthOfInternational(run: string): number | undefined {
  const ends = [...run.matchAll(/[0-9]+/g)].map(({ 0: group, index }) => index + group.length);
  let possible: number | undefined;
  for (const end of ends.toReversed()) {
    const written = run.slice(0, end);
    if (digitsIn(written) < 8) break;
    const number = parsePhoneNumberFromString(written.replace(/^00/, '+'));
    if (number?.isValid() === true) return end;
    if (number?.isPossible() === true) possible ??= end;
  }
  return possible;
}

function digitsIn(text: string): number {
  return text.replaceAll(/[^0-9]/g, '').length;
}
