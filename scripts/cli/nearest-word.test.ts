import { describe, expect, it } from 'vitest';
import { nearestWord } from './nearest-word.ts';

const known = ['up', 'chat', 'doctor', 'streams', 'approvals', 'dead', 'sessions'];

describe('nearestWord', () => {
  it.each([
    ['docter', 'doctor'],
    ['apporvals', 'approvals'],
    ['stream', 'streams'],
    ['DEAD', 'dead'],
    ['sess', 'sessions'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearestWord(word, known)).toBe(meant);
  });

  it.each(['', 'x', 'playbook', 'kubernetes'])('has no idea what "%s" may mean', (word) => {
    expect(nearestWord(word, known)).toBeUndefined();
  });
});
