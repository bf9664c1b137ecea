import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paintAnsi } from '../cli/paint.ts';
import { textWidth } from '../cli/text-width.ts';
import { wrapText } from './wrap-text.ts';

describe('wrapText', () => {
  it('breaks at blanks, and inside of words that are too long', () => {
    expect(wrapText('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrapText('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });

  it('counts wide signs as two columns', () => {
    expect(wrapText('完了完了', 4)).toEqual(['完了', '完了']);
  });

  it('goes on with a style in the next line', () => {
    const lines = wrapText(`see ${paintAnsi('bold', 'this and that')} now`, 8);
    expect(lines.map(stripVTControlCharacters)).toEqual(['see this', 'and that', 'now']);
    expect(lines[1]).toMatch(/^\u001b\[1mand/);
    expect(lines[2]).toBe('now');
  });

  it('makes no line too wide and loses no sign', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', ' ', '完', '✅', 'é') }),
        fc.integer({ min: 2, max: 20 }),
        (text, width) => {
          const lines = wrapText(text, width);
          const tooWide = lines.filter((line) => textWidth(line.trimEnd()) > width);
          expect(tooWide).toEqual([]);
          expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        },
      ),
    );
  });
});
