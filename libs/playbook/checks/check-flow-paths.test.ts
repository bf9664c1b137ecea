import { describe, expect, it } from 'vitest';
import type { PlaybookProblem } from '../errors.ts';
import { sampleProblems } from '../sample-files.ts';

type Changes = Record<string, string | null>;

/** A flow `x` with the slot `a` and these steps, the first of them in line 5. */
const flow = (steps: string): Changes => ({
  'flows/x.yaml': `description: X.\nslots:\n  a: { type: text, description: A., ask: A? }\nsteps:\n${steps}`,
});

describe('checks of the steps of a flow', () => {
  it.each<[string, Changes, Partial<PlaybookProblem>]>([
    [
      'a step that nothing leads to',
      flow('  - { say: hi, next: end }\n  - { id: lost, say: "{a}" }\n'),
      { file: 'flows/x.yaml', line: 6, message: 'nothing leads to the step "lost"' },
    ],
    [
      'steps that go round without waiting',
      flow('  - { id: one, say: hi }\n  - { say: "{a}", next: one }\n'),
      { file: 'flows/x.yaml', line: 5, message: 'the steps one, say_2 go round without waiting for anybody' },
    ],
    [
      'steps that go round past a slot that is filled already',
      flow('  - { id: one, collect: [a] }\n  - { say: "{a}", next: one }\n'),
      { message: 'the steps one, say_2 go round without waiting for anybody' },
    ],
    [
      'a flow that starts itself',
      flow('  - { say: hi }\n  - { link: x, next: end }\n  - { id: never, say: "{a}" }\n'),
      { line: 6, message: 'flow "x" starts itself without waiting for anybody' },
    ],
    [
      'flows that start each other with all that they ask for',
      {
        ...flow('  - { collect: [a] }\n  - { link: { flow: y, slots: { b: "{a}" } } }\n'),
        'flows/y.yaml':
          'description: Y.\nslots:\n  b: { type: text, description: B., ask: B? }\nsteps:\n  - collect: [b]\n  - link: { flow: x, slots: { a: "{b}" } }\n',
      },
      { message: 'x, y start each other without waiting for anybody' },
    ],
    [
      'a slot that nothing uses',
      flow('  - say: hi\n'),
      { line: 3, column: 3, message: 'the slot "a" is neither collected nor used' },
    ],
    ['a slot that is collected twice', flow('  - collect: [a, a]\n'), { line: 5, column: 18 }],
    ['a slot that is collected and is not there', flow('  - collect: [a, b]\n'), { line: 5, column: 18 }],
    [
      'a branch without cases',
      flow('  - collect: [a]\n  - branch: []\n'),
      { line: 6, column: 5, message: '"steps.1.branch": is empty' },
    ],
    ['a list of no conditions', flow('  - branch: [{ when: { all: [] }, goto: b }]\n'), { line: 5 }],
    [
      'a step of no kind',
      flow('  - { speak_up: hi }\n'),
      {
        line: 5,
        message: '"steps.0": is none of what can stand here',
        hint: expect.stringContaining('collect'),
      },
    ],
    [
      'a kind of step that is written wrong',
      flow('  - { colect: [a] }\n'),
      { line: 5, column: 7, message: '"colect" is not known here', hint: 'Did you mean "collect"?' },
    ],
    ['a step of two kinds', flow('  - { say: hi, confirm: sure? }\n'), { line: 5, hint: expect.any(String) }],
    [
      'a key of a step that is not known',
      flow('  - { collect: [a], onward: b }\n'),
      { line: 5, column: 21, message: '"onward" is not known here' },
    ],
    [
      'a condition without a comparison',
      flow('  - branch: [{ when: { value: a, equals: 1 }, goto: b }]\n'),
      { line: 5 },
    ],
  ])('tells place and remedy of %s', (_, changes, problem) => {
    const problems = sampleProblems(changes);
    expect(problems).toContainEqual(expect.objectContaining(problem));
    expect(problems.every(({ hint }) => hint !== '')).toBe(true);
  });

  it.each<[string, Changes]>([
    ['a confirm step', flow('  - { id: one, collect: [a] }\n  - { confirm: "{a}?", no: one }\n')],
    [
      'a slot that is emptied',
      flow('  - { id: one, collect: [a] }\n  - { say: "{a}" }\n  - { set: { a: null }, next: one }\n'),
    ],
  ])('lets steps go round over %s', (_, changes) => {
    expect(sampleProblems(changes)).toEqual([]);
  });
});
