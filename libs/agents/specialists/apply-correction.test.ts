import { describe, expect, it } from 'vitest';
import { applyCorrection } from './apply-correction.ts';

const draft = 'You get 49 EUR back tomorrow.\n\nSource: Refunds';

describe('applyCorrection', () => {
  it.each([
    ['replace "tomorrow" with "within ten days"', 'You get 49 EUR back within ten days.\n\nSource: Refunds'],
    ['please remove “tomorrow”', 'You get 49 EUR back .\n\nSource: Refunds'],
    ['say that it takes ten days', `**Please note:** It takes ten days.\n\n${draft}`],
    ['No, please mention: a form is needed!', `**Please note:** A form is needed!\n\n${draft}`],
    ['too long', `**Please note:** Too long.\n\n${draft}`],
    ['remove "what is not there"', `**Please note:** Remove "what is not there".\n\n${draft}`],
    ['replace "49" by "$&50" and add that it is in EUR', 'EUR back'],
    ['  ', draft],
  ])('takes %j into account', (reason, text) => {
    expect(applyCorrection(draft, reason)).toContain(text);
  });

  it('puts in what it is told word by word', () => {
    expect(applyCorrection(draft, 'replace "49" by "$&50"')).toContain('You get $&50 EUR');
  });

  it('never gives the same draft again for a reason with words in it', () => {
    for (const reason of ['wrong', 'no!', 'be kinder', 'this is about INV-1043']) {
      expect(applyCorrection(draft, reason)).not.toBe(draft);
    }
  });
});
