import { describe, expect, it } from 'vitest';
import { editLine, insertText, type Key, type Line, layOutLine, lineOf, textOf } from './line-editor.ts';

const press = (line: Line, ...keys: Key[]): Line =>
  keys.reduce((before, key) => editLine(before, key) ?? before, line);

describe('the line editor', () => {
  it('inserts and deletes where the cursor is, whole signs at a time', () => {
    const line = press(lineOf('a👩‍👩‍👧b'), { name: 'left' }, { name: 'backspace' });
    expect(textOf(line)).toBe('ab');
    expect(textOf(insertText(line, '-'))).toBe('a-b');
  });

  it('knows the keys of a shell', () => {
    const line = lineOf('delete all records');
    expect(textOf(press(line, { name: 'w', ctrl: true }))).toBe('delete all ');
    expect(textOf(press(line, { name: 'a', ctrl: true }, { name: 'k', ctrl: true }))).toBe('');
    expect(textOf(insertText(press(line, { name: 'b', meta: true }), 'old '))).toBe('delete all old records');
  });

  it('leaves other keys to others', () => {
    expect(editLine(lineOf('x'), { name: 'tab' })).toBeUndefined();
  });

  it('wraps a long line and finds the cursor in it', () => {
    expect(layOutLine(lineOf('abcdef'), 4)).toEqual({ rows: ['abcd', 'ef'], row: 1, column: 2 });
    expect(layOutLine(lineOf('abcd'), 4)).toEqual({ rows: ['abcd', ''], row: 1, column: 0 });
    expect(layOutLine(lineOf('完了'), 3)).toEqual({ rows: ['完', '了'], row: 1, column: 2 });
  });
});
