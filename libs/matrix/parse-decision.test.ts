import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecision } from './parse-decision.ts';

describe('parseDecision', () => {
  it.each([
    ['approve', { decision: 'approve' }],
    ['Approve', { decision: 'approve' }],
    ['  approve\n', { decision: 'approve' }],
    ['accept', { decision: 'approve' }],
    ['reject', { decision: 'reject', text: null }],
    ['ignore', { decision: 'reject', text: null }],
    ['reject because it is\nmine', { decision: 'reject', text: 'it is\nmine' }],
    ['REJECT BECAUSE no', { decision: 'reject', text: 'no' }],
    [
      'edit {"n":1.5,"s":"1","b":false,"z":null}',
      { decision: 'edit', edit: { n: 1.5, s: '1', b: false, z: null } },
    ],
    ['edit [{"a":1},{"b":2}]', { decision: 'edit', edit: [{ a: 1 }, { b: 2 }] }],
    ['edit\n{"a":1}', { decision: 'edit', edit: { a: 1 } }],
    ['edit only last year', { decision: 'edit', edit: 'only last year' }],
    ['respond why?', { decision: 'respond', text: 'why?' }],
    ['response why?', { decision: 'respond', text: 'why?' }],
  ])('reads %j', (text, decision) => {
    expect(parseDecision(text)).toMatchObject(decision);
  });

  it.each([
    'approve? no',
    'approve.',
    'approve!',
    'approved',
    'approve it',
    'approve because I say so',
    'approve\nreject',
    'do not approve',
    'not approve',
    '“approve”',
    'ap\u200Bprove',
    'аpprove',
    'yes',
    'ok',
    '✅',
    'rejected',
    'reject it',
    'reject because',
    'edit',
    'edit {"a":1',
    'edit [1]',
    'edit {"a":1} please',
    'edit []',
    'edit {"__proto__":{"a":1}}',
    'edit {"a":{"__proto__":1}}',
    'respond',
    'constructor',
    '__proto__',
  ])('takes %j for something said, not for a decision', (text) => {
    expect(parseDecision(text)).toEqual({ decision: 'respond', text, edit: null });
  });

  it('finds nothing in blanks', () => {
    expect(parseDecision(' \n\t')).toBeUndefined();
  });

  it('approves for two words alone, whatever is said', () => {
    const near = fc.constantFrom(
      'approve',
      'accept',
      ' ',
      '?',
      '.',
      'no',
      'reject',
      '\n',
      '\u200B',
      'APPROVE',
      'é',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(near, { maxLength: 4 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const isApproval = ['approve', 'accept'].includes(text.trim().toLowerCase());
        expect(parseDecision(text)?.decision === 'approve').toBe(isApproval);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the types of edited arguments', () => {
    const isWhole = (value: unknown): boolean => !JSON.stringify(value).includes('"__proto__"');
    const edits = fc.dictionary(fc.string(), fc.jsonValue()).filter(isWhole);
    fc.assert(
      fc.property(edits, (edit) => {
        const json = JSON.stringify(edit);
        expect(parseDecision(`edit ${json}`)).toEqual({
          decision: 'edit',
          text: null,
          edit: JSON.parse(json),
        });
      }),
    );
  });

  it('loses nothing of what is said otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const parsed = parseDecision(text);
        if (parsed?.decision !== 'respond') return;
        expect(text.trim().endsWith(parsed.text ?? '?')).toBe(true);
      }),
    );
  });
});
