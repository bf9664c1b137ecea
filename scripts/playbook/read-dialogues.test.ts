import { describe, expect, it } from 'vitest';
import { readDialogue } from './read-dialogues.ts';

const file = 'dialogues/a.dialogue.yaml';

describe('readDialogue', () => {
  it('reads turns, and knows the line of each and of its expectations', () => {
    const read = readDialogue(
      file,
      'name: A\nturns:\n  - user: hello\n    expect: { says: [hi] }\n  - pass: 10m\n    expect:\n      waits: []\n      silent: true\n',
    );
    if (!read.ok) throw new Error('unreadable');
    const { dialogue } = read;
    expect(dialogue).toMatchObject({ name: 'A', user: '@ann:example.org', file });
    expect(dialogue.turns).toHaveLength(2);
    expect([dialogue.lineOf(0), dialogue.lineOf(0, 'says')]).toEqual([3, 4]);
    expect([dialogue.lineOf(1), dialogue.lineOf(1, 'waits'), dialogue.lineOf(1, 'silent')]).toEqual([
      5, 7, 8,
    ]);
  });

  it('falls back to the nearest line for an expectation that is not written', () => {
    const read = readDialogue(file, 'name: A\nturns:\n  - user: hello\n');
    expect(read.ok && read.dialogue.lineOf(0, 'says')).toBe(3);
  });

  it.each([
    ['two kinds in one turn', '  - { user: a, pass: 10m }', 3],
    ['no kind at all', '  - expect: { says: [a] }', 3],
    ['an approval that nobody decides', '  - approval: refund_invoice', 3],
    ['an edit without anything edited', '  - { approval: refund_invoice, decide: edit }', 3],
    ['an unknown expectation', '  - user: a\n    expect: { said: [a] }', 4],
    ['a duration that is none', '  - pass: soon', 3],
  ])('tells place and remedy of %s', (_, turn, line) => {
    const read = readDialogue(file, `name: A\nturns:\n${turn}\n`);
    if (read.ok) throw new Error('it was read');
    expect(read.problems).toContainEqual(expect.objectContaining({ file, line }));
    expect(read.problems.every(({ hint }) => hint !== '')).toBe(true);
  });
});
