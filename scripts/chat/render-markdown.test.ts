import { describe, expect, it } from 'vitest';
import { paintAnsi, paintNothing } from '../cli/paint.ts';
import { renderMarkdown } from './render-markdown.ts';

describe('renderMarkdown', () => {
  it('shows headings, lists, code, quotes and links without their signs', () => {
    const markdown =
      '# Reset\n\n1. Open **Settings**\n2. Press `Reset`\n- or *ask*\n> said\n```\ncode *as is*\n```\n[help](https://example.org/a)';
    expect(renderMarkdown(markdown, 60, paintNothing)).toEqual([
      'Reset',
      '',
      '1. Open Settings',
      '2. Press Reset',
      '• or ask',
      '▎ said',
      '  code *as is*',
      'help (https://example.org/a)',
    ]);
  });

  it('hangs the further lines of an item under its text', () => {
    expect(renderMarkdown('1. one two three', 10, paintNothing)).toEqual(['1. one two', '   three']);
  });

  it('leaves underscores in names alone', () => {
    expect(renderMarkdown('delete_records and 2 * 3 * 4', 60, paintAnsi)).toEqual([
      'delete_records and 2 * 3 * 4',
    ]);
  });

  it('lets nobody steer the terminal', () => {
    const [line = ''] = renderMarkdown('\u001b[2Jboo\u202e', 60, paintNothing);
    expect(line).toBe('\\u{1b}[2Jboo\\u{202e}');
  });
});
