import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiUserOf } from '#contract/api-session';
import { canonicalJson as contractJson } from '#contract/canonical-json';
import { argLines, canonicalJson, nameOf, shown } from './canonical.ts';

describe('what a reviewer reads', () => {
  it('is spelled as the contract spells what digests are made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value)).toBe(contractJson(value));
      }),
    );
  });

  it('shows control, bidi and zero-width characters as escapes, in names and values', () => {
    const lines = argLines({ ['pro\u200bject']: 'a\u202eb\u0007', plain: 'two  blanks' });
    expect(lines).toEqual([
      ['plain', '"two  blanks"'],
      ['pro\\u200bject', '"a\\u202eb\\u0007"'],
    ]);
  });

  it('never holds a character that cannot be seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(shown(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  it('names people: by their own ids, over HTTP by the name of their token, and who plays', () => {
    expect(nameOf('@rita:example.org')).toBe('rita');
    expect(nameOf(apiUserOf('customer 7'))).toBe('customer 7');
    expect(nameOf(apiUserOf('playground:@rita:example.org'))).toBe('rita (playing)');
  });
});
