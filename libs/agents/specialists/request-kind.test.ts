import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../tests/support/cpu-ms.ts';
import { type RequestKind, requestKind, sentencesOf } from './request-kind.ts';

describe('requestKind', () => {
  it.each<[RequestKind, string]>([
    ['question', 'Where do I find my invoices?'],
    ['question', 'hi, how long does a refund take'],
    ['question', 'Can I pay by direct debit?'],
    ['question', 'Please tell me how refunds work'],
    ['question', 'I want to know who gets the invoice mail'],
    ['question', 'could you explain the CI minutes'],
    ['task', 'Please refund INV-1042'],
    ['task', 'Hello! Can you raise our budget?'],
    ['task', 'reset my 2FA'],
    ['task', 'The pipeline is dead. Could somebody please restart it?'],
    ['task', 'I would like you to delete the project'],
    ['wish', 'I want to cancel my subscription'],
    ['wish', 'we need a signed data processing agreement'],
    ['problem', 'Our pipeline has been dead for three hours'],
    ['problem', 'I was charged twice. How can that be?'],
    ['problem', '?!'],
    ['problem', ''],
    ['problem', 'الأنبوب لا يعمل'],
  ])('takes for a %s: %s', (kind, text) => {
    expect(requestKind(text)).toBe(kind);
  });

  it('is done with a message of any length and form', () => {
    for (const piece of ['please ', 'hi, ', 'a.', '. ', '\n', 'I want to ', '?']) {
      const began = cpuMs();
      requestKind(piece.repeat(20_000));
      expect(cpuMs() - began).toBeLessThan(1_000);
    }
  });
});

describe('sentencesOf', () => {
  it('joins lines that were broken within a sentence, and no others', () => {
    expect(sentencesOf('Not a\nsingle build runs.\nHelp\n- one\n- Two')).toEqual([
      'Not a single build runs.',
      'Help',
      '- one',
      '- Two',
    ]);
  });

  it('does not split inside of names, numbers and hosts', () => {
    expect(sentencesOf('It cost 49.50 EUR. See app.example for more! Well?')).toEqual([
      'It cost 49.50 EUR.',
      'See app.example for more!',
      'Well?',
    ]);
  });
});
