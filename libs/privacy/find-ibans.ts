import { countrySpecs, isValidIBAN } from 'ibantools';
import type { Finding } from './privacy.ts';
import { wordEnd, wordStart } from './word-edge.ts';

const heads = new RegExp(`${wordStart}[a-z]{2}[ -]?[0-9]{2}(?=[ \\t./_-]{0,3}[0-9a-z])`, 'giu');
const wordBehind = new RegExp(wordEnd, 'uy');
const separators = /[ \t./_-]{0,3}/y;
const alphanumeric = /[0-9a-z]/i;

/** IBANs of any country, in groups or not, with the right length and check digits (ISO 13616). */
export function findIbans(text: string): Finding[] {
  const found: Finding[] = [];
  for (const { 0: head, index } of text.matchAll(heads)) {
    const length = lengthIn(head.slice(0, 2).toUpperCase());
    const read = length === undefined ? undefined : readSigns(text, index, length);
    if (read === undefined || !isValidIBAN(read.signs.toUpperCase())) continue;
    found.push({ kind: 'iban', start: index, end: read.end });
  }
  return found;
}

function lengthIn(country: string): number | undefined {
  if (!Object.hasOwn(countrySpecs, country)) return undefined;
  const specs: Readonly<Record<string, { readonly chars?: number | null }>> = countrySpecs;
  return specs[country]?.chars ?? undefined;
}

/** So many letters and digits, with little between two; a word must end behind them. */
function readSigns(text: string, start: number, length: number): { signs: string; end: number } | undefined {
  let signs = '';
  let end = start;
  while (signs.length < length) {
    if (signs !== '') {
      separators.lastIndex = end;
      end += separators.exec(text)?.[0].length ?? 0;
    }
    const sign = text.charAt(end);
    if (!alphanumeric.test(sign)) return undefined;
    signs += sign;
    end += 1;
  }
  wordBehind.lastIndex = end;
  return wordBehind.test(text) ? { signs, end } : undefined;
}
