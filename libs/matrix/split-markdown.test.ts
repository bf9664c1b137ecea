import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitMarkdown } from './split-markdown.ts';

const bytes = (text: string): number => Buffer.byteLength(text);

describe('splitMarkdown', () => {
  it('leaves a text that fits as it is', () => {
    expect(splitMarkdown('one\n\n\ntwo\n', 256)).toEqual(['one\n\n\ntwo\n']);
  });

  it('cuts at the last blank line of a part that is half full by then', () => {
    const [first, second] = ['a '.repeat(90).trim(), 'b '.repeat(90).trim()];
    expect(splitMarkdown(`${first}\n\n${second}`, 256)).toEqual([first, second]);
  });

  it('closes a code fence that it cuts and opens it again', () => {
    const code = Array.from({ length: 40 }, (_, n) => `line ${n} of the code`);
    const parts = splitMarkdown(['Look:', '', '```ts', ...code, '```', 'Done.'].join('\n'), 300);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts[0]).toMatch(/^Look:\n\n```ts\nline 0 [\s\S]*\n```$/);
    expect(parts[1]).toMatch(/^```ts\nline [\s\S]*\n```$/);
    expect(parts.at(-1)).toMatch(/^```ts\nline [\s\S]*\n```\nDone\.$/);
    const kept = parts.flatMap((part) => part.split('\n')).filter((line) => line.startsWith('line '));
    expect(kept).toEqual(code);
  });

  it('does not leave an opened fence without a line behind at the end of a part', () => {
    const parts = splitMarkdown(
      `${'x'.repeat(100)}\n${'x'.repeat(120)}\n~~~~ text\n${'y'.repeat(100)}\n~~~~`,
      256,
    );
    expect(parts).toEqual([`${'x'.repeat(100)}\n${'x'.repeat(120)}`, `~~~~ text\n${'y'.repeat(100)}\n~~~~`]);
  });

  it('gives a table that it cuts its head again, and cuts no row', () => {
    const rows = Array.from({ length: 60 }, (_, n) => `| row ${n} | ${'x'.repeat(n % 20)} |`);
    const head = ['| name | value |', '|------|:-----:|'];
    const parts = splitMarkdown(['Before.', '', ...head, ...rows, '', 'After.'].join('\n'), 400);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      const lines = part.split('\n').filter((line) => line.includes('|'));
      expect(lines.slice(0, 2)).toEqual(head);
      expect(lines.length).toBeGreaterThan(2);
    }
    const kept = parts.flatMap((part) => part.split('\n')).filter((line) => line.includes('row'));
    expect(kept).toEqual(rows);
    expect(parts.at(-1)).toMatch(/\n\nAfter\.$/);
  });

  it('leaves neither the head of a table nor a heading behind at the end of a part', () => {
    const full = 'word '.repeat(44).trim();
    const table = '| a | b |\n|---|---|\n| 1 | 2 |';
    expect(splitMarkdown(`${full}\n${table}\n${full}`, 256)[1]).toMatch(/^\| a \| b \|\n\|---/);
    expect(splitMarkdown(`${full}\n\n# Next\n\n${full}`, 256)).toEqual([full, `# Next\n\n${full}`]);
  });

  it('is quick with lines that almost look like a table', () => {
    const line = `|${' '.repeat(100_000)}x`;
    const dash = `> ${' '.repeat(100_000)}---${' '.repeat(100_000)}|x`;
    const began = performance.now();
    expect(splitMarkdown([line, dash, line, dash].join('\n'), 16_384).length).toBeGreaterThan(20);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('takes a table in a code fence for code', () => {
    const code = ['| a |', '|---|', ...Array.from({ length: 40 }, (_, n) => `| ${n} |`)];
    const parts = splitMarkdown(['```', ...code, '```'].join('\n'), 256);
    expect(parts.flatMap((part) => part.split('\n')).filter((line) => line === '|---|')).toHaveLength(1);
  });

  it('cuts a line without blanks between code points, and puts no line break into it', () => {
    const line = '🦊'.repeat(500);
    const parts = splitMarkdown(line, 256);
    expect(parts.join('')).toBe(line);
    expect(parts.every((part) => !part.includes('\n') && bytes(part) <= 256)).toBe(true);
  });

  it('gives one empty part for nothing but blank lines', () => {
    expect(splitMarkdown('\n'.repeat(1000), 256)).toEqual(['']);
  });

  const line = fc.oneof(
    fc.constantFrom(
      '',
      '```',
      '```ts',
      '~~~',
      '  ~~~~ x',
      '> ```',
      '````',
      '- item',
      '| a | b |',
      '|---|:-:|',
      '| 1 | 2 |',
      '# h',
    ),
    fc.string({ unit: 'binary', maxLength: 400 }).map((text) => text.replaceAll('\n', ' ')),
    fc.string({ maxLength: 60 }),
  );
  const document = fc.array(line, { maxLength: 60 }).map((lines) => lines.join('\n'));

  it('keeps every part within its bytes, loses no word and is the same each time', () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 256, max: 900 }), (text, maxBytes) => {
        const parts = splitMarkdown(text, maxBytes);
        expect(parts.length).toBeGreaterThan(0);
        for (const part of parts) expect(bytes(part)).toBeLessThanOrEqual(maxBytes);
        expect(splitMarkdown(text, maxBytes)).toEqual(parts);
        // Only blanks and repeated fence lines may differ.
        const rest = parts.join('').replaceAll(/\s/g, '');
        let at = 0;
        for (const sign of text.replaceAll(/\s/g, '')) {
          at = rest.indexOf(sign, at) + 1;
          expect(at).toBeGreaterThan(0);
        }
      }),
    );
  });
});
