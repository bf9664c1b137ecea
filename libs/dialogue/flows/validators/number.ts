import type { Validator } from '../validator.ts';
import { findWords } from './find-words.ts';
import { parseAmount } from './parse-amount.ts';

const largest = 1e12;
const problem = 'I need a number here, for example 2000.';

/** A number in digits, with separators as people write them, or with `k` for thousands. */
export const numberValidator: Validator = {
  name: 'number',
  description: 'a number in digits, e.g. 2000, 2,000 or 12.5',
  validate(written) {
    const value = read(written);
    if (value === undefined) return { ok: false, problem };
    if (Math.abs(value) > largest) return { ok: false, problem: 'That number is too large for me.' };
    return { ok: true, value };
  },
  find: (text) => findWords(text).filter((word) => read(word) !== undefined),
};

function read(written: string): number | undefined {
  const thousands = /^(.{1,20}?)\s?k$/i.exec(written.trim());
  const value = parseAmount(thousands?.[1] ?? written);
  return value === undefined || thousands === null ? value : value * 1_000;
}
