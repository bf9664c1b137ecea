import { describe, expect, it } from 'vitest';
import { cutText } from './cut-text.ts';

const longest = 64 * 1024;

describe('cutText', () => {
  it('leaves a text that fits', () => {
    expect(cutText('a b')).toBe('a b');
  });

  it('cuts at the end of a line, else of a word', () => {
    const lines = `${'x'.repeat(99)}\n`.repeat(1_000);
    expect(cutText(lines)).toMatch(/x$/);
    expect(cutText(lines).length % 100).toBe(99);
    const words = `${'word '.repeat(longest / 5)} ana@example.org and more`;
    expect(cutText(words)).toMatch(/word +$/);
    expect(cutText('y'.repeat(longest * 2)).length).toBeLessThanOrEqual(longest);
  });
});
