import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelledMessages } from '../../../tests/support/labelled-desk.ts';
import { explainTooFew } from './explain-too-few.ts';
import { type LabelledCase, labelOf } from './labelled-case.ts';
import { parts, type Split, splitCases } from './split-cases.ts';
import { keyOf } from './words-of.ts';

function caseOf(text: string, flow: string, dialogue?: string): LabelledCase {
  const item = { text, expect: { command: 'start_flow', flow } } as const;
  const context = { flow: null, awaiting: null, filled: [], paused: [], waiting: 0 };
  return {
    origin: 'a:1',
    dialogue,
    item,
    text,
    isPersonal: false,
    expect: item.expect,
    context,
    history: [],
  };
}

const cases = labelledMessages().map(({ text, label }) => caseOf(text, label));
const nothing = (): boolean => false;
const textsOf = (split: Split) => parts.map((part) => split[part].map(({ text }) => text).toSorted());

describe('splitCases', () => {
  it('puts every case into one part, with the same mix of labels in each', () => {
    const split = splitCases(cases, 1, nothing);
    expect(textsOf(split).flat().toSorted()).toEqual(cases.map(({ text }) => text).toSorted());
    for (const label of new Set(cases.map(labelOf))) {
      const [training = 0, validation = 0, heldOut = 0] = parts.map(
        (part) => split[part].filter((one) => labelOf(one) === label).length,
      );
      expect({ label, training }).toMatchObject({ training: expect.toSatisfy((n) => n >= 5 && n <= 8) });
      expect(Math.abs(validation - heldOut)).toBeLessThanOrEqual(1);
    }
  });

  it('is the same for the same cases in another order, and another for another seed', () => {
    const split = textsOf(splitCases(cases, 7, nothing));
    expect(textsOf(splitCases(cases.toReversed(), 7, nothing))).toEqual(split);
    expect(textsOf(splitCases(cases, 8, nothing))).not.toEqual(split);
  });

  it('leaves paraphrases, the same words with other values, and the turns of a dialogue together', () => {
    const word = fc.constantFrom(
      'refund',
      'my',
      'invoice',
      'please',
      'reset',
      'the',
      'phone',
      'INV-1',
      'INV-22',
    );
    const text = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));
    const one = fc.record({
      text,
      flow: fc.constantFrom('a', 'b'),
      dialogue: fc.option(fc.constantFrom('x', 'y')),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), fc.nat(), (given, seed) => {
        const split = splitCases(
          given.map((item) => caseOf(item.text, item.flow, item.dialogue ?? undefined)),
          seed,
          nothing,
        );
        for (const part of parts) {
          for (const other of parts.filter((name) => name !== part)) {
            for (const mine of split[part]) {
              for (const theirs of split[other]) {
                expect(keyOf(mine.text)).not.toBe(keyOf(theirs.text));
                expect(mine.dialogue === undefined || mine.dialogue !== theirs.dialogue).toBe(true);
                expect(overlap(mine.text, theirs.text)).toBeLessThan(0.6);
              }
            }
          }
        }
      }),
    );
  });

  it('keeps out of every part what is an example already', () => {
    const known = new Set(cases.slice(0, 10).map(({ text }) => keyOf(text)));
    const split = splitCases(cases, 1, (words) => known.has(words));
    expect(split.known).toHaveLength(10);
    expect(textsOf(split).flat()).toHaveLength(cases.length - 10);
  });
});

describe('explainTooFew', () => {
  it('says how many are needed, and of which label', () => {
    const few = splitCases([...cases.slice(0, 12), caseOf('something else', 'rare')], 1, nothing);
    const told = explainTooFew(few);
    expect(told).toContain('13 that differ, where 40 are needed');
    expect(told).toContain('start_flow rare: 1, needs 2 more');
    expect(told).not.toContain('start_flow garden: ');
    expect(explainTooFew(splitCases(cases, 1, nothing))).toBeUndefined();
    expect(explainTooFew(splitCases([], 1, nothing))).toContain('no labelled message at all');
  });
});

function overlap(one: string, other: string): number {
  const [a, b] = [new Set(keyOf(one).split(' ')), new Set(keyOf(other).split(' '))];
  const common = [...a].filter((word) => b.has(word)).length;
  return common / (a.size + b.size - common);
}
