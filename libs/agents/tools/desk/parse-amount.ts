import { parseAmount as parseNumber } from '#dialogue/flows/validators/parse-amount';

export interface Amount {
  readonly value: number;
  /** ISO 4217; undefined where none was written. */
  readonly currency: string | undefined;
}

const currencies: Readonly<Record<string, string>> = {
  '€': 'EUR',
  eur: 'EUR',
  euro: 'EUR',
  euros: 'EUR',
  $: 'USD',
  usd: 'USD',
  dollar: 'USD',
  dollars: 'USD',
  '£': 'GBP',
  gbp: 'GBP',
  pound: 'GBP',
  pounds: 'GBP',
  chf: 'CHF',
};

/** Reads `49 EUR`, `€12.50` or `1.200,00 EUR`; undefined for what is not one positive amount of money. */
export function parseAmount(written: string): Amount | undefined {
  const match = /^([^\d\s]{1,8})?\s?(\d[\d.,]{0,14})\s?([^\d\s]{1,8})?$/.exec(written.trim());
  if (match === null) return undefined;
  const [, before, digits = '', after] = match;
  const name = before ?? after;
  if (before !== undefined && after !== undefined) return undefined;
  const key = name?.toLowerCase();
  const currency = key !== undefined && Object.hasOwn(currencies, key) ? currencies[key] : undefined;
  // A thousand to some people, and a fraction to others: nobody is paid by a guess.
  const value = /^\d{1,3}\.\d{3}$/.test(digits) ? undefined : parseNumber(digits);
  if (value === undefined || value <= 0 || (name !== undefined && currency === undefined)) return undefined;
  return { value, currency };
}
