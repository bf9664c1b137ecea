import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { toMarkdownText } from './to-markdown-text.ts';

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });

/** The rendered text without markup; undefined when there is any markup but the paragraph's own. */
function plainOf(markdown: string): string | undefined {
  const tokens = parser.parse(markdown, {});
  const blocks = tokens.map(({ type }) => type).join(' ');
  if (blocks !== '' && blocks !== 'paragraph_open inline paragraph_close') return undefined;
  const inline = tokens.flatMap(({ children }) => children ?? []);
  return inline.every(({ type }) => type === 'text')
    ? inline.map(({ content }) => content).join('')
    : undefined;
}

describe('toMarkdownText', () => {
  it.each([
    ['# Approved by the reviewer', 'a heading'],
    ['[click](https://evil.example)', 'a link'],
    ['https://evil.example/x', 'an address'],
    ['mailto:a@b.example', 'an address of mail'],
    ['<https://evil.example>', 'an address in brackets'],
    ['![x](mxc://a/b)', 'an image'],
    ['**bold** _it_ `code` ~~gone~~', 'emphasis'],
    ['- item', 'a list'],
    ['12. item', 'a numbered list'],
    ['> quote', 'a quote'],
    ['&lt;b&gt; &#35;', 'entities'],
    ['[EMAIL-7F3K2Q9D](https://evil.example)', 'a link around a stand-in'],
    ['a\n# b\n\n- c', 'several lines'],
    ['```\ncode', 'a fence'],
    ['---', 'a line'],
  ])('leaves %j as text, not %s', (value) => {
    expect(plainOf(toMarkdownText(value))).toBe(value.replaceAll(/\s+/g, ' '));
  });

  it.each([
    'INV-1042',
    'ci_workers',
    '49.50',
    '-5',
    'ann-smith',
    '2026-11-21',
    'Apollo (new)',
    '[API_KEY-0123456789abcdef]',
    'see [EMAIL-7F3K2Q9D].',
  ])('adds nothing to %j', (value) => {
    expect(toMarkdownText(value)).toBe(value);
  });

  it('shows any value as it is, at the beginning of a line and inside of one', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      '://',
      'https',
      '*',
      '_',
      '`',
      '#',
      ' ',
      '\\',
      '!',
      '<',
      '&',
      'amp;',
      '~',
      '-',
      '+',
      '=',
      '1.',
      '|',
      'a',
      '[EMAIL-7F3K2Q9D]',
      ':',
      '"',
    );
    const value = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(value, value, (one, two) => {
        const shown = `${toMarkdownText(one)}${toMarkdownText(two)}`;
        const flat = (text: string): string => text.replaceAll(/[\s\u0085\u2028\u2029]+/g, ' ').trim();
        fc.pre(!shown.includes('\0') && !/[ \t]$/.test(one) && !/^\s/.test(two));
        expect(plainOf(shown)).toBe(`${flat(one)}${flat(two)}`.trim());
        expect(plainOf(`Your value ${shown} is noted.`)).toBe(
          `Your value ${flat(one)}${flat(two)} is noted.`,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
