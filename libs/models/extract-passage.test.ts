import { describe, expect, it } from 'vitest';
import { extractPassage } from './extract-passage.ts';

describe('extractPassage', () => {
  it('gives a short passage as it is', () => {
    expect(extractPassage('One.\n\nTwo.', 'two')).toBe('One.\n\nTwo.');
  });

  it('keeps the blocks that speak of the question, whole and in their order', () => {
    const filler = 'Something else entirely, at some length. '.repeat(10).trim();
    const text = `Keys are checked daily.\n\n${filler}\n\nA lost key is revoked.\n\n${filler}`;
    expect(extractPassage(text, 'lost keys', 60)).toBe('Keys are checked daily.\n\nA lost key is revoked.');
  });

  it('never splits a code block', () => {
    const code = '```sh\ngit key\n\ngit key again\n```';
    const text = `${code}\n\n${'Filler text. '.repeat(40)}`;
    expect(extractPassage(text, 'key', 100)).toBe(code);
  });

  it('ends at a sentence where one block is longer than the limit', () => {
    expect(extractPassage('First one. Second one. Third one is long.', 'x', 30)).toBe(
      'First one. Second one.',
    );
  });
});
