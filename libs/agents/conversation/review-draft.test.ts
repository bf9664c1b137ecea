import { expect, it } from 'vitest';
import type { OpenTurn } from './open-turn.ts';
import { showDrafts } from './review-draft.ts';

it('looks at a draft that grows word by word no more often than a few times for each length that it doubles to', () => {
  let looks = 0;
  const shown: string[] = [];
  // Only what is used of a turn here.
  const turn = {
    desk: {
      checkDraft: (text: string) => {
        looks += 1;
        return { text, reasons: [] };
      },
    },
    texts: [],
    onDraft: (text: string) => shown.push(text),
  } as unknown as OpenTurn;
  const show = showDrafts(turn, null);
  for (let length = 5; length <= 100_000; length += 5) show('x'.repeat(length));
  expect(looks).toBeLessThan(700);
  expect(shown.slice(0, 3).map(({ length }) => length)).toEqual([5, 10, 15]);
  expect(shown.at(-1)?.length).toBeGreaterThan(95_000);
  // Another draft, which begins again.
  show('anew');
  expect(shown.at(-1)).toBe('anew');
});
