import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { readYaml } from './read-yaml.ts';

const schema = z
  .strictObject({ name: z.string(), list: z.array(z.string()).default([]) })
  .describe('name and list');
const problemsOf = (text: string) => readYaml('a.yaml', text, schema).problems;

/** What this thread works, in milliseconds, whatever else the machine does; the least of some tries. */
function costOf(work: () => unknown): number {
  const tries = Array.from({ length: 3 }, () => {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...tries);
}

describe('readYaml', () => {
  it('reads comments alone as an empty file', () => {
    const { value } = readYaml('a.yaml', '# nothing\n\n', z.strictObject({ a: z.string().default('x') }));
    expect(value).toEqual({ a: 'x' });
  });

  it('allows a sensible use of anchors', () => {
    expect(readYaml('a.yaml', 'name: &n x\nlist: [*n, *n]\n', schema).value).toEqual({
      name: 'x',
      list: ['x', 'x'],
    });
  });

  it('counts lines from where the text begins in its file', () => {
    expect(readYaml('a.md', 'name: [x]\n', schema, 3).problems).toMatchObject([{ line: 4, column: 1 }]);
  });

  it.each<[string, string, object]>([
    ['a tab', 'name:\n\tx: 1\n', { line: 2, hint: 'Indent with blanks, never with tabs' }],
    [
      'a key that occurs twice',
      'name: a\nname: b\n',
      { line: 2, column: 1, message: '"name" stands here twice' },
    ],
    ['a second document', 'name: a\n---\nname: b\n', { line: 2, message: 'a second document' }],
    ['a number as a key', 'name: a\n1: b\n', { line: 2, message: 'the key 1 is no text', hint: 'Write "1"' }],
    ['no key', 'name: a\n? \n', { line: 2, message: 'the key null is no text' }],
    ['a list as a key', 'name: a\n? [a]\n: b\n', { line: 2, message: 'a key that is no text' }],
    [
      '__proto__',
      'name: a\n__proto__: { list: [] }\n',
      { line: 2, message: '"__proto__" cannot be used as a key' },
    ],
    ['constructor', 'constructor: a\n', { line: 1, message: '"constructor" cannot be used as a key' }],
    ['an alias without an anchor', 'name: *a\n', { line: 1 }],
    ['an anchor that holds itself', 'list: &a [x, *a]\n', { line: 1, column: 14, hint: 'Remove it' }],
    ['a tag of its own', 'name: !!js/function "x"\n', { line: 1 }],
    ['a list in place of a mapping', '- a\n', { line: 1, message: expect.stringContaining('the file') }],
    ['a text in place of a mapping', 'hello', { line: 1 }],
    ['null in place of a mapping', 'null\n', { line: 1 }],
    ['a bracket that is not closed', 'list: [a\n', { hint: 'Mend the YAML here' }],
  ])('tells place and remedy of %s', (_, text, problem) => {
    expect(problemsOf(text)).toContainEqual(expect.objectContaining(problem));
  });

  it('tells of a tab, and not of all that follows from it', () => {
    expect(problemsOf('name: x\n\tlist: [a]\nmore: [b]\nand: [c]\n')).toMatchObject([
      { line: 2, hint: 'Indent with blanks, never with tabs' },
    ]);
  });

  it('ends quickly for aliases that would explode', () => {
    const lines = Array.from({ length: 30 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}]`);
    const text = ['l0: &l0 [x]', ...lines].join('\n');
    expect(problemsOf(text)).toMatchObject([{ hint: 'Use at most 50 aliases' }]);
  });

  it('ends quickly for very many keys and aliases', () => {
    const keys = Array.from({ length: 30_000 }, (_, n) => `k${n}: 1`).join('\n');
    expect(problemsOf(keys)).toHaveLength(21);
    const aliases = `name: &a x\nlist: [${'*a, '.repeat(10_000)}]`;
    expect(problemsOf(aliases)).toMatchObject([{ line: 2, hint: 'Use at most 50 aliases' }]);
  });

  it.each(['[', '{a: ', '- ', '&a ', '? '])('ends for 20000 times "%s"', (part) => {
    const problems = problemsOf(part.repeat(20_000));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThan(100);
  });

  it('looks at each of very many mistakes once, after the library has found them', () => {
    const text = '}\n'.repeat(25_000);
    const found = costOf(() => parseDocument(text, { prettyErrors: false }));
    const told = costOf(() => expect(problemsOf(text)).toHaveLength(20));
    // In the square of their number it would be six times what the library takes.
    expect(told).toBeLessThan(3 * found + 100);
  });

  it('tells a bounded number of mistakes, each of them short', () => {
    const problems = problemsOf(
      Array.from({ length: 500 }, (_, n) => `${'k'.repeat(500)}${n}: 1`).join('\n'),
    );
    expect(JSON.stringify(problems.slice(0, 1)).length).toBeLessThan(2_000);
    expect(problems.length).toBeLessThan(100);
  });

  it('gives a value or problems with places inside of the file, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const { value, problems } = readYaml('a.yaml', text, schema);
        expect(value === undefined).toBe(problems.length > 0);
        const lines = text.split('\n').length;
        for (const { line, column } of problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines + 1);
          expect(column).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });
});
