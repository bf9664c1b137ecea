import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from './clean-text.ts';

describe('cleanText', () => {
  it.each([
    ['refund \u200bINV-10\u200b42', 'refund INV-1042'],
    ['\u202erefund\u202c me', 'refund me'],
    ['it’s “acme”', 'it\'s "acme"'],
    ['@desk:example.org: reset my 2FA', 'reset my 2FA'],
    ['> I want a refund\n\nno, cancel that', 'no, cancel that'],
    ['look:\n```\nrefund INV-1042\n```\nwhat is this?', 'look:\nwhat is this?'],
    ['use `acme`', 'use acme'],
    [`why${'?!'.repeat(2_000)}? now`, 'why?!?!?!?!?!?!?!?? now'],
    [
      `a${'.'.repeat(4_400)}b ... (c), {d}: [API_KEY-01]!!!`,
      `a${'.'.repeat(16)}b ... (c), {d}: [API_KEY-01]!!!`,
    ],
  ])('reads %j as %j', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it('reads a message that only quotes as it is', () => {
    expect(cleanText('> refund please')).toBe('refund please');
  });

  it('keeps the beginning and the end of a long message', () => {
    const clean = cleanText(`cancel ${'x'.repeat(60_000)} please`);
    expect(clean.startsWith('cancel ')).toBe(true);
    expect(clean.endsWith(' please')).toBe(true);
    expect(clean.length).toBeLessThan(5_000);
  });

  it('gives well-formed, bounded text for any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 9_000 }), (text) => {
        const clean = cleanText(text);
        expect(clean.isWellFormed()).toBe(true);
        // Composed characters may take more room, each a little.
        expect(clean.length).toBeLessThan(20_000);
      }),
    );
  });
});
