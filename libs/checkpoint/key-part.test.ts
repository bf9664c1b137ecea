import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeKeyPart, encodeKeyPart } from './key-part.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '%',
      ':',
      '{',
      '}',
      'u',
      '2',
      'D',
      '7',
      ' ',
      '\u0000',
      '\ud83d',
      '\ude00',
      'é',
      '*',
    ),
  }),
);

describe('encodeKeyPart', () => {
  it('is undone by decodeKeyPart for every text, lone surrogates included', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeKeyPart(encodeKeyPart(text))).toBe(text);
      }),
    );
  });

  it('leaves no separator, brace, blank or control character, nor anything that UTF-8 cannot tell apart', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const encoded = encodeKeyPart(text);
        expect(encoded).not.toMatch(/[:{}\p{Cc}\p{Surrogate} ]/u);
        expect(Buffer.from(encoded).toString()).toBe(encoded);
      }),
    );
  });

  it('leaves Matrix ids readable', () => {
    expect(encodeKeyPart('!room|$thread|@user')).toBe('!room|$thread|@user');
  });
});
