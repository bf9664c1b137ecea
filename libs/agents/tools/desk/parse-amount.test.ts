import { expect, it } from 'vitest';
import { parseAmount } from './parse-amount.ts';

it.each([
  ['49 EUR', 49, 'EUR'],
  ['49', 49, undefined],
  ['€12.50', 12.5, 'EUR'],
  ['12,50 EUR', 12.5, 'EUR'],
  ['1.200,00 EUR', 1200, 'EUR'],
  ['1,200.00 usd', 1200, 'USD'],
  ['1,200', 1200, undefined],
  ['300 euros', 300, 'EUR'],
  ['$120', 120, 'USD'],
  ['1.234.567 EUR', 1_234_567, 'EUR'],
])('reads %s', (written, value, currency) => {
  expect(parseAmount(written)).toEqual({ value, currency });
});

it.each([
  ...['', '0 EUR', '-5 EUR', 'EUR', '49 XYZ', '€49 EUR', '1.2.3', '49 constructor', '1e9', '49 EUR now'],
  ...['1.200 EUR', '0.500', '49.125', '1,200,00', '1.200.00', '1234,567.00'],
])('refuses "%s"', (written) => {
  expect(parseAmount(written)).toBeUndefined();
});
