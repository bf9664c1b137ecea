import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { addToYamlList } from './edit-yaml-list.ts';

describe('addToYamlList', () => {
  it('adds lines to the end of a list and touches no other', () => {
    const text = `# On top.
description: "Money"   # kept
examples:
  - one # first
  # between
  - 'two'

# below
slots:
    amount: {type: money,   ask: "How much?"}
`;
    expect(addToYamlList(text, ['examples'], ['three: 3', '- four', 'five\nsix'])).toBe(
      text.replace("  - 'two'\n", `  - 'two'\n  - "three: 3"\n  - "- four"\n  - "five\\nsix"\n`),
    );
  });

  it.each<[string, string, readonly string[], string]>([
    ['a list in brackets', 'a: [x, y] # z\nb: 1\n', ['a'], 'a: [x, y, "new one"] # z\nb: 1\n'],
    ['an empty list', 'a: []\nb: 1\n', ['a'], 'a: ["new one"]\nb: 1\n'],
    ['no list at all', 'b: 1 # here\n', ['a'], 'b: 1 # here\na:\n  - new one\n'],
    ['an empty file', '', ['a'], 'a:\n  - new one\n'],
    ['no line feed at the end', 'a:\n- x', ['a'], 'a:\n- x\n- new one\n'],
    [
      'a text of several lines',
      'a:\n  - |\n    x\n    y\nb: 1\n',
      ['a'],
      'a:\n  - |\n    x\n    y\n  - new one\nb: 1\n',
    ],
    [
      'a list further in',
      'a:\n  b:\n    c:\n      - x\n  d: 1\n',
      ['a', 'b', 'c'],
      'a:\n  b:\n    c:\n      - x\n      - new one\n  d: 1\n',
    ],
  ])('adds to %s', (_, text, path, expected) => {
    expect(addToYamlList(text, path, ['new one'])).toBe(expected);
  });

  it('makes a list that is not there, further in, and keeps comments', () => {
    const edited = addToYamlList('# top\na:\n  b: {c: 1} # side\n', ['a', 'b', 'd'], ['x']);
    expect(parse(edited)).toEqual({ a: { b: { c: 1, d: ['x'] } } });
    expect(edited).toMatch(/# top[\s\S]*# side/);
  });

  it('adds each text once, and none that is there already', () => {
    expect(addToYamlList('a: [x]\n', ['a'], ['x', 'y', 'y'])).toBe('a: [x, "y"]\n');
    expect(addToYamlList('a: [x]\n', ['a'], ['x'])).toBe('a: [x]\n');
  });

  it('says after the edit what was there and what was added, whatever they are', () => {
    const word = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1 }),
        fc.array(word),
        fc.dictionary(fc.stringMatching(/^[b-z]{1,5}$/), fc.oneof(word, fc.array(word))),
        fc.constantFrom('BLOCK_LITERAL', 'PLAIN', 'QUOTE_DOUBLE'),
        (present, added, others, style) => {
          const data = { a: [...new Set(present)], ...others };
          const text = stringify(data, { defaultStringType: style });
          const fresh = [...new Set(added)].filter((value) => !data.a.includes(value));
          expect(parse(addToYamlList(text, ['a'], added))).toEqual({ ...data, a: [...data.a, ...fresh] });
        },
      ),
    );
  });
});
