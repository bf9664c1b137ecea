import { describe, expect, it } from 'vitest';
import { joinParagraphs } from './join-paragraphs.ts';

describe('joinParagraphs', () => {
  it('joins the lines of a paragraph and of an item', () => {
    const markdown = '# Title\nOne\ntwo.\n\n1. First\n   goes on\n2. Second\n- third';
    expect(joinParagraphs(markdown)).toBe('# Title\nOne two.\n\n1. First goes on\n2. Second\n- third');
  });

  it('keeps breaks that are meant, and code', () => {
    expect(joinParagraphs('one  \ntwo\\\nthree')).toBe('one  \ntwo\nthree');
    expect(joinParagraphs('```\na\nb\n```\nc\nd')).toBe('```\na\nb\n```\nc d');
    expect(joinParagraphs('| a | b |\n| - | - |\n| 1 | 2 |')).toBe('| a | b |\n| - | - |\n| 1 | 2 |');
  });
});
