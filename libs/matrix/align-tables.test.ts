import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignTables } from './align-tables.ts';
import { markdownToHtml } from './markdown-to-html.ts';

describe('alignTables', () => {
  it('puts the cells of a table into columns', () => {
    const table = '|name|count|\n|:-|--:|\n|a|1|\n| longer | 20 \\| 30 |';
    expect(alignTables(`Look:\n\n${table}\n\nDone.`)).toBe(
      [
        'Look:',
        '',
        '| name   | count    |',
        '| :----- | -------: |',
        '| a      | 1        |',
        '| longer | 20 \\| 30 |',
        '',
        'Done.',
      ].join('\n'),
    );
  });

  it('leaves code, wide tables and other bars alone', () => {
    for (const text of [
      '```\n|a|b|\n|-|-|\n|1|2|\n```',
      `|a|b|\n|-|-|\n|${'x'.repeat(60)}|2|`,
      'either|or',
      '> |a|b|\n> |-|-|',
    ]) {
      expect(alignTables(text)).toBe(text);
    }
  });

  it('changes nothing of what a table says', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '|a|b|',
        '|-|:-:|',
        '| 1 |',
        '|',
        '||',
        'a | b',
        '---|---',
        '```',
        '',
        '> | x |',
        '\\|',
      ),
      fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\n', ' ')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join('\n');
        const normal = (html: string): string => html.replaceAll(/\s+/g, '');
        expect(normal(markdownToHtml(alignTables(text)))).toBe(normal(markdownToHtml(text)));
      }),
      { numRuns: 500 },
    );
  });
});
