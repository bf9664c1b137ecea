import type { Validator } from '../validator.ts';
import { parseAmount } from './parse-amount.ts';

const largest = 1e6;
const currency = String.raw`(?:€|\$|£|¥|US\$|EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|CAD|AUD|euros?|dollars?|pounds?|bucks?|francs?)`;
/** One way to read each run of digits: a text of many numbers is gone through once. */
const digits = String.raw`\d{1,21}(?:[.,  \u00a0\u202f'’]\d{1,21}){0,6}`;
const whole = new RegExp(
  String.raw`^([-−])?\s{0,3}(?:${currency})?\s{0,3}([-−])?(${digits})(?:[.,]-{1,2})?\s{0,3}(?:${currency})?$`,
  'iu',
);
const inText = new RegExp(
  String.raw`(?<![\w.,-])(?:${currency}\s?${digits}|${digits}\s?${currency}(?![a-z])|\d{1,7}(?:[.,]\d{1,2})?(?![\w.,-]*\w))`,
  'giu',
);

/** An amount of money in units of its currency, with at most two decimals; the currency is that of the invoice. */
export const moneyValidator: Validator = {
  name: 'money',
  description: 'an amount of money in digits, e.g. 49, 49.50 EUR or $1,200',
  validate(written) {
    const text = written.trim().replace(/[.!]$/, '');
    const parts = text.length > 60 ? null : whole.exec(text);
    const value = parts === null ? undefined : parseAmount(withoutPoint(parts[3] ?? ''));
    if (parts === null || value === undefined) {
      return { ok: false, problem: 'I need an amount of money in digits here, for example 49.50 EUR.' };
    }
    if (parts[1] !== undefined || parts[2] !== undefined || value <= 0) {
      return { ok: false, problem: 'The amount has to be more than zero.' };
    }
    if (value > largest) return { ok: false, problem: 'The amount is too large: a million is the most.' };
    const cents = Math.round(value * 100);
    if (Math.abs(cents - value * 100) > 1e-6 * value) {
      return { ok: false, problem: 'The amount has more than two decimals. Please round it.' };
    }
    return { ok: true, value: cents / 100 };
  },
  find: (text) => text.match(inText) ?? [],
};

/** Money has no three decimals: `1.200` is more than a thousand; `0.200` is no number of thousands. */
function withoutPoint(digits: string): string {
  return /^[1-9]\d{0,2}\.\d{3}$/.test(digits) ? digits.replace('.', '') : digits;
}
