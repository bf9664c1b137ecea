import type { LabelledCase } from './labelled-case.ts';
import { keyOf, wordsOf } from './words-of.ts';

/** So much of their words have two messages in common that one is counted as the other in other words (Jaccard). */
const sameShare = 0.6;

/**
 * Puts together what must not be apart, so that nothing that was learnt from is measured by: the turns of a dialogue, messages
 * of the same words, and paraphrases. What is near to something near is in the same group.
 */
export function groupCases(cases: readonly LabelledCase[]): readonly (readonly LabelledCase[])[] {
  const parents = cases.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[index] = root;
    return root;
  };
  const join = (one: number, other: number): void => {
    parents[rootOf(other)] = rootOf(one);
  };
  const words = cases.map(({ text }) => new Set(wordsOf(text)));
  const first = new Map<string, number>();
  for (const [index, { dialogue, text }] of cases.entries()) {
    for (const key of [`words ${keyOf(text)}`, ...(dialogue === undefined ? [] : [`dialogue ${dialogue}`])]) {
      const before = first.get(key);
      if (before === undefined) first.set(key, index);
      else join(before, index);
    }
    for (let other = 0; other < index; other++) {
      if (isNear(words[index], words[other])) join(other, index);
    }
  }
  const groups = Map.groupBy(cases.keys(), rootOf);
  return [...groups.values()].map((members) => members.flatMap((index) => cases[index] ?? []));
}

function isNear(one: ReadonlySet<string> = new Set(), other: ReadonlySet<string> = new Set()): boolean {
  const [small, large] = one.size < other.size ? [one, other] : [other, one];
  if (small.size === 0 || small.size < large.size * sameShare) return false;
  let common = 0;
  for (const word of small) if (large.has(word)) common += 1;
  return common / (one.size + other.size - common) >= sameShare;
}
