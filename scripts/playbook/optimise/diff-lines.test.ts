import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from './diff-lines.ts';

const lines = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** Reads a diff back by its line numbers. */
function patched(before: string, diff: string): string {
  const old = lines(before);
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const begin = /^@@ -(\d+),(\d+) /.exec(line);
    if (begin !== null) {
      const from = Number(begin[1]) - (begin[2] === '0' ? 0 : 1);
      out.push(...old.slice(at, from));
      at = from;
    } else {
      if (!line.startsWith('+')) at += 1;
      if (!line.startsWith('-')) out.push(line.slice(1));
    }
  }
  return [...out, ...old.slice(at)].join('\n');
}

describe('diffLines', () => {
  it('shows what is added with its line and a line around it', () => {
    expect(diffLines('a.yaml', 'a\nb\nc\nd\n', 'a\nb\nx\nc\nd\n')).toBe(
      '--- a.yaml\n+++ a.yaml\n@@ -2,2 +2,3 @@\n b\n+x\n c\n',
    );
  });

  it('shows a new file as one that comes from nowhere, and nothing for no change', () => {
    expect(diffLines('a.yaml', '', 'x\n')).toBe('--- /dev/null\n+++ a.yaml\n@@ -0,0 +1,1 @@\n+x\n');
    expect(diffLines('a.yaml', 'x\n', 'x\n')).toBe('');
  });

  it('holds all that differs', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '', '- x'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [before, after] = [`${one.join('\n')}\n`, `${other.join('\n')}\n`];
        expect(lines(`${patched(before, diffLines('f', before, after))}\n`)).toEqual(lines(after));
      }),
    );
  });
});
