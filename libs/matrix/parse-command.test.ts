import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from './parse-command.ts';

describe('parseCommand', () => {
  it.each([
    ['!vagent approve 7K3Q9D', '7K3Q9D', { decision: 'approve' }],
    ['  !VAGENT Accept 7k3q9d  ', '7K3Q9D', { decision: 'approve' }],
    ['!vagent reject 7K3Q9D', '7K3Q9D', { decision: 'reject', text: null }],
    ['!vagent reject 7K3Q9D because of this', '7K3Q9D', { decision: 'reject', text: 'of this' }],
    ['!vagent edit 7K3Q9D {"a":1}', '7K3Q9D', { decision: 'edit', edit: { a: 1 } }],
    ['!vagent respond 7K3Q9D who?', '7K3Q9D', { decision: 'respond', text: 'who?' }],
  ])('reads %j', (text, code, decision) => {
    expect(parseCommand(text)).toMatchObject({ ok: true, code, decision });
  });

  it.each([
    '!vagent',
    '!vagent approve',
    '!vagent approve 7K3Q9',
    '!vagent approve 7K3Q9DX',
    '!vagent approve 7K3Q9I',
    '!vagent approve 7K3Q9D now',
    '!vagent approve 7K3Q9D? no',
    '!vagent reject 7K3Q9D no',
    '!vagent edit 7K3Q9D',
    '!vagent edit 7K3Q9D {"a":',
    '!vagent respond 7K3Q9D',
    '!vagent dance 7K3Q9D',
  ])('refuses %j', (text) => {
    expect(parseCommand(text)).toEqual({ ok: false });
  });

  it.each([
    'approve 7K3Q9D',
    'please !vagent approve 7K3Q9D',
    '!vagents approve 7K3Q9D',
    '> !vagent approve 7K3Q9D',
    '',
  ])('leaves %j alone', (text) => {
    expect(parseCommand(text)).toBeUndefined();
  });

  it.each([
    ['!vagent why', null],
    ['  !VAGENT WHY  ', null],
    ['!vagent why $abc:example.org', '$abc:example.org'],
    ['!vagent why 7K3Q9D', '7K3Q9D'],
  ])('reads the question %j', (text, about) => {
    expect(parseCommand(text)).toEqual({ ok: true, command: 'why', about });
  });

  it.each([
    '!vagent why $a $b',
    '!vagent why\u200b',
    '!vagent why \u202e$abc',
    '!vagent whynot',
    '!vagent why?',
  ])('does not take %j for a question', (text) => {
    expect(parseCommand(text)).toEqual({ ok: false });
  });

  it('T8: approves by the exact words alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (tail) => {
        fc.pre(tail.trim() !== '');
        const parsed = parseCommand(`!vagent approve 7K3Q9D${tail}`);
        const isDecision = parsed?.ok === true && parsed.command === 'decide';
        expect(isDecision && parsed.decision.decision === 'approve').toBe(false);
      }),
    );
  });
});
