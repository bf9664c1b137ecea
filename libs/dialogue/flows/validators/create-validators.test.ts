import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '#contract/canonical-json';
import { createValidators } from './create-validators.ts';

const validators = createValidators();

function validate(type: string, written: string): Json | undefined {
  const validated = validators.get(type)?.validate(written);
  return validated?.ok === true ? validated.value : undefined;
}

function problemOf(type: string, written: string): string {
  const validated = validators.get(type)?.validate(written);
  if (validated === undefined || validated.ok) throw new Error(`${type} takes ${written}`);
  return validated.problem;
}

const fingerprint = '0123456789abcdef';

describe('validate', () => {
  it.each<[string, string, Json]>([
    ['text', '  charged\ttwice\n last week ', 'charged twice last week'],
    ['number', '2000', 2000],
    ['number', '2,000', 2000],
    ['number', '1.200.000', 1_200_000],
    ['number', '-12.5', -12.5],
    ['number', '5k', 5000],
    ['number', '5 000', 5000],
    ['boolean', 'Yes, please!', true],
    ['boolean', 'yep', true],
    ['boolean', 'Sure, go ahead', true],
    ['boolean', 'that’s right', true],
    ['boolean', '👍', true],
    ['boolean', 'No.', false],
    ['boolean', 'no, I still have it', false],
    ['boolean', 'not at all', false],
    ['boolean', "don't", false],
    ['money', '49', 49],
    ['money', '49 EUR', 49],
    ['money', '€49.50', 49.5],
    ['money', '1,200.50 USD', 1200.5],
    ['money', '1.200,50 €', 1200.5],
    ['money', '49,90 €', 49.9],
    ['money', '49,- euro', 49],
    ['money', '1,200', 1200],
    ['money', '1.200 €', 1200],
    ['money', '0.500 EUR', 0.5],
    ['money', '0.29', 0.29],
    ['money', '1000000', 1_000_000],
    ['invoice_id', 'INV-1042', 'INV-1042'],
    ['invoice_id', 'inv 1042', 'INV-1042'],
    ['invoice_id', 'invoice number INV1042.', 'INV-1042'],
    ['invoice_id', '#1042', 'INV-1042'],
    ['username', '@Ann-Smith', 'ann-smith'],
    ['username', 'ann', 'ann'],
    ['organisation', 'Acme-Labs', 'acme-labs'],
    ['project', ' "Apollo  11" ', 'Apollo 11'],
    ['project', 'acme/web.site', 'acme/web.site'],
    ['fingerprint', `[API_KEY-${fingerprint}]`, fingerprint],
    ['fingerprint', fingerprint.toUpperCase(), fingerprint],
    ['email', 'ann@example.org', 'ann@example.org'],
    ['email', '[EMAIL-7F3K2Q9D]', '[EMAIL-7F3K2Q9D]'],
    ['duration', '90 minutes', 5400],
    ['duration', '1h 30m', 5400],
    ['duration', '2 days and 1 hour', 176_400],
    ['duration', 'half an hour', 1800],
  ])('of %s reads %j as %j', (type, written, value) => {
    expect(validate(type, written)).toEqual(value);
  });

  it.each([
    ['text', ''],
    ['text', 'x'.repeat(501)],
    ['text', 'a\u0000b'],
    ['number', 'many'],
    ['number', '1e9999'],
    ['number', '9999999999999999'],
    ['boolean', ''],
    ['boolean', 'maybe'],
    ['boolean', 'yes and no'],
    ['boolean', 'no, yes'],
    ['boolean', 'the phone'],
    ['money', '-5'],
    ['money', '0'],
    ['money', '0.00 EUR'],
    ['money', '1000000.01'],
    ['money', '1.2345'],
    ['money', '49 49'],
    ['money', 'much'],
    ['invoice_id', 'INV-'],
    ['invoice_id', 'INV-1042 and INV-1043'],
    ['invoice_id', 'PO-1042'],
    ['username', 'ann smith'],
    ['username', 'ann--smith'],
    ['username', '-ann'],
    ['username', 'a'.repeat(40)],
    ['username', '@ann:example.org'],
    ['organisation', 'acme_labs'],
    ['project', ''],
    ['project', '../../etc'],
    ['project', 'a<b'],
    ['fingerprint', 'abc'],
    ['email', 'ann at example.org'],
    ['email', 'ann@localhost'],
    ['duration', 'soon'],
    ['duration', '0 minutes'],
    ['duration', '9999 days'],
  ])('of %s refuses %j in words', (type, written) => {
    expect(problemOf(type, written)).toMatch(/^[A-Z].{10,200}[.?]$/);
  });

  it('never takes a token in clear, and does not repeat it', () => {
    const token = 'fbt_9aF3kQ7zT1vX5bN8mC2dL6pR4sW0yH';
    const problem = problemOf('fingerprint', token);
    expect(problem).toMatch(/Tokens are never taken in clear/);
    expect(problem).not.toContain(token);
  });

  it('tells a person with an address in Matrix what is wanted instead', () => {
    expect(problemOf('username', '@ann:example.org')).toMatch(/address in Matrix.*a user name/);
  });

  it('reads every amount with two decimals as it is, in several ways to write it', () => {
    const grouped = (whole: number, sign: string): string =>
      String(whole).replaceAll(/\B(?=(\d{3})+$)/g, sign);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000 }), (cents) => {
        const whole = Math.floor(cents / 100);
        const rest = String(cents % 100).padStart(2, '0');
        for (const written of [
          `${whole}.${rest}`,
          `${whole},${rest} €`,
          `$${grouped(whole, ',')}.${rest}`,
          `EUR ${grouped(whole, '.')},${rest}`,
          `${grouped(whole, ' ')}.${rest} USD`,
        ]) {
          expect(validate('money', written)).toBe(cents / 100);
        }
      }),
    );
  });

  it('gives a value that it takes again, or a problem that is short', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...validators.values()),
        fc.string({ unit: 'binary' }),
        (validator, written) => {
          const first = validator.validate(written);
          if (!first.ok) expect(first.problem.length).toBeLessThan(250);
          else if (typeof first.value === 'string') {
            expect(validator.validate(first.value)).toEqual(first);
            expect(first.value).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('find', () => {
  it.each([
    ['invoice_id', 'please refund INV-1042 and inv 7, not INVOICES', ['INV-1042', 'inv 7']],
    ['money', 'give me 49 EUR of €1,200.50, or 12.50', ['49 EUR', '€1,200.50', '12.50']],
    ['money', 'INV-1042 was paid on 2026-11-21', []],
    ['number', 'raise it to 2,000 (from 500).', ['2,000', '500']],
    ['fingerprint', `it is [API_KEY-${fingerprint}]!`, [`[API_KEY-${fingerprint}]`]],
    ['email', 'write to ann@example.org or [EMAIL-7F3K2Q9D].', ['ann@example.org', '[EMAIL-7F3K2Q9D]']],
    ['username', 'my user name is ann-smith, not @bob', ['ann-smith', '@bob']],
    ['duration', 'in 2 days, or 90 minutes', ['2 days', '90 minutes']],
    ['boolean', 'yes, do it', ['yes']],
    ['project', 'delete “Apollo 11” please', ['Apollo 11']],
    ['text', 'anything at all', []],
  ])('of %s in %j gives %j', (type, text, found) => {
    expect(validators.get(type)?.find(text)).toEqual(found);
  });

  it('gives pieces of the text', () => {
    const word = fc.constantFrom(
      'INV-1',
      '€',
      '49',
      ',',
      '.',
      '1,200',
      '@ann',
      '"',
      'x@y.org',
      '[EMAIL-AAAA]',
      'yes',
      'h',
      'a',
    );
    const text = fc
      .array(fc.oneof(word, fc.string({ unit: 'binary' })), { maxLength: 20 })
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(text, (written) => {
        for (const { find } of validators.values()) {
          for (const piece of find(written)) expect(written).toContain(piece);
        }
      }),
    );
  });

  it('reads 60 KB of anything without getting slow', () => {
    const unit = fc.constantFrom(
      '1',
      '1,',
      '1.',
      '1 ',
      'a',
      'a-',
      '-',
      'a@',
      '@',
      '[',
      '[API_KEY-',
      'INV',
      'inv ',
      '0123456789abcdef',
      '€',
      '€ ',
      '1 h ',
      'h',
      '1h',
      '"',
      ' ',
      '\n',
      '.',
      'no ',
      'a.a',
      '!',
      '(',
    );
    const pattern = fc.array(unit, { minLength: 1, maxLength: 5 }).map((units) => units.join(''));
    fc.assert(
      fc.property(fc.constantFrom(...validators.values()), pattern, (validator, piece) => {
        const text = piece.repeat(Math.ceil(60_000 / piece.length));
        // The best of three: the machine may be busy with something else.
        const times = [1, 2, 3].map(() => {
          const from = performance.now();
          validator.find(text);
          validator.validate(text);
          return performance.now() - from;
        });
        expect(Math.min(...times)).toBeLessThan(300);
      }),
      { numRuns: 100 },
    );
  });
});
