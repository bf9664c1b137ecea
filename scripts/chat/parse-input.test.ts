import { describe, expect, it } from 'vitest';
import { parseInput } from './parse-input.ts';

const codes = ['7K3Q9D'];

describe('parseInput', () => {
  it('says what is no command, and what begins with two slashes', () => {
    expect(parseInput('  How do I reset my 2FA? ', codes)).toEqual({
      kind: 'say',
      text: 'How do I reset my 2FA?',
    });
    expect(parseInput('//approve', codes)).toEqual({ kind: 'say', text: '/approve' });
  });

  it.each([
    ['/approve', 'approve', undefined],
    ['/approve 7k3q9d', 'approve', '7K3Q9D'],
    ['/reject', 'reject', undefined],
    ['/reject because it is too much', 'reject because it is too much', undefined],
    ['/reject 7K3Q9D too much', 'reject because too much', '7K3Q9D'],
    ['/edit {"project": "Test"}', 'edit {"project": "Test"}', undefined],
    ['/edit 7K3Q9D {"project": "Test"}', 'edit {"project": "Test"}', '7K3Q9D'],
    ['/respond ask Ana first', 'respond ask Ana first', undefined],
  ])('turns %s into what a reviewer would write', (line, text, code) => {
    expect(parseInput(line, codes)).toEqual({ kind: 'decide', text, code });
  });

  it.each(['/approve ABCDEF', '/edit', '/edit {"project": ', '/respond', '/aprove'])(
    'decides nothing by %s',
    (line) => {
      expect(parseInput(line, codes).kind).toBe('mistake');
    },
  );

  it('names the command that was probably meant', () => {
    expect(parseInput('/aprove', codes)).toEqual({
      kind: 'mistake',
      text: 'There is no /aprove. Did you mean /approve?',
    });
  });

  it.each([
    ['/reviewer', { kind: 'switch', to: 'reviewer' }],
    ['/you', { kind: 'switch', to: 'you' }],
    ['/help', { kind: 'help' }],
    ['/quit', { kind: 'quit' }],
    ['   ', { kind: 'nothing' }],
  ])('understands "%s"', (line, input) => {
    expect(parseInput(line, codes)).toEqual(input);
  });
});
