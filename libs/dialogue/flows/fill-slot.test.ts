import { describe, expect, it } from 'vitest';
import { greet, refund, sampleDialogue, sampleFlow, sampleSlot, textsOf } from './sample-flows.ts';
import { atConfirmation, converse, correct, parked, ran, set, start } from './sample-talk.ts';

describe('collecting', () => {
  it('fills several slots at once', () => {
    const talk = converse(sampleDialogue(refund));
    const first = talk.say(start('refund'));
    expect(textsOf(first)).toEqual(['Which invoice_id?']);
    const both = talk.say(set('amount', '49,90 €'), set('invoice_id', 'inv 1042'));
    expect(both.state.stack[0]?.slots).toEqual({ amount: 49.9, invoice_id: 'INV-1042' });
    expect(both.need).toMatchObject({
      tool: 'find_invoice',
      args: { invoice_id: 'INV-1042' },
      mustAsk: false,
    });
  });

  it('does not ask for what the first message says', () => {
    const talk = converse(sampleDialogue(refund));
    const first = talk.say(start('refund', { invoice_id: 'INV-1042', nonsense: 'x' }));
    expect(textsOf(first)).toEqual(['Which amount?']);
    expect(first.state.stack[0]?.slots).toEqual({ invoice_id: 'INV-1042' });
  });

  it('takes a slot ahead of its question and keeps the question open', () => {
    const talk = converse(sampleDialogue(refund));
    talk.say(start('refund'));
    const ahead = talk.say(set('amount', '49'));
    expect(textsOf(ahead)).toEqual(['Which invoice_id?']);
    expect(ahead.state.stack[0]?.awaiting).toEqual({ kind: 'slot', slot: 'invoice_id', asked: 2 });
  });

  it('says what is wrong with a value and asks again, and after three tries how to get out', () => {
    const talk = converse(sampleDialogue(refund));
    talk.say(start('refund'));
    const problem = expect.stringContaining('INV-1042');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(textsOf(talk.say(set('invoice_id', 'that one')))).toEqual([problem, 'Which invoice_id?']);
    }
    const third = talk.say(set('invoice_id', 'that one'));
    expect(textsOf(third)).toEqual([problem, expect.stringMatching(/help.*cancel/), 'Which invoice_id?']);
  });

  it('ignores slots that the active flow does not have', () => {
    const talk = converse(sampleDialogue(refund, greet));
    talk.say(start('greet'));
    const other = talk.say(set('amount', '5'));
    expect(textsOf(other)).toEqual(['Which username?']);
    expect(other.state.stack[0]?.slots).toEqual({});
  });
});

describe('correcting', () => {
  it('re-runs what depends on a corrected slot', () => {
    const talk = atConfirmation();
    const corrected = talk.say(correct('invoice_id', 'INV-7'));
    expect(corrected.state.stack[0]?.results).toEqual({});
    expect(corrected.need).toMatchObject({ tool: 'find_invoice', args: { invoice_id: 'INV-7' } });
    expect(textsOf(talk.meet(ran({ refundable: true })))).toEqual(['Refund 49 of INV-7?']);
  });

  it('runs nothing again that does not depend on the slot', () => {
    const talk = atConfirmation();
    const corrected = talk.say(correct('amount', '50'));
    expect(corrected.need).toBeUndefined();
    expect(textsOf(corrected)).toEqual(['Refund 50 of INV-1042?']);
  });

  it('asks for a slot that was only taken back', () => {
    const talk = atConfirmation();
    expect(textsOf(talk.say(correct('amount', null)))).toEqual(['Which amount?']);
    expect(textsOf(talk.say(set('amount', '12')))).toEqual(['Refund 12 of INV-1042?']);
  });

  it('does not take a yes from before the correction', () => {
    const talk = atConfirmation();
    const both = talk.say(correct('amount', '5000'), set('sure', 'yes'));
    expect(textsOf(both)).toEqual(['Refund 5000 of INV-1042?']);
    expect(both.need).toBeUndefined();
  });

  it('asks for a new confirmation when a slot changes that the question did not name', () => {
    const spec = sampleFlow(
      'close',
      [sampleSlot('reason', 'text'), sampleSlot('comment', 'text')],
      [
        { id: 'why', kind: 'collect', slots: ['reason'], next: 'sure' },
        { id: 'sure', kind: 'confirm', ask: 'Sure?', no: undefined, next: 'more' },
        { id: 'more', kind: 'collect', slots: ['comment'], next: undefined },
      ],
    );
    const talk = converse(sampleDialogue(spec));
    talk.say(start('close', { reason: 'too dear' }));
    expect(textsOf(talk.say(set('sure', 'yes')))).toEqual(['Which comment?']);
    expect(textsOf(talk.say(correct('reason', 'too slow')))).toEqual(['Sure?']);
  });

  it('never takes back what a reviewer approved and what ran', () => {
    const talk = parked();
    talk.decide('A', { kind: 'ran', data: { number: 'R-1' }, text: '' });
    const late = talk.say(correct('amount', '5000'));
    expect(textsOf(late)).toEqual([expect.stringMatching(/amount is done already/), 'Which comment?']);
    expect(late.need).toBeUndefined();
    expect(late.state.stack[0]?.slots).toMatchObject({ amount: 49 });
  });

  it('says that a request waits as it is', () => {
    const talk = parked();
    const late = talk.say(correct('amount', '5000'));
    expect(textsOf(late)).toEqual([expect.stringMatching(/waits for a reviewer as it is/)]);
    expect(late.state.parked[0]?.slots).toMatchObject({ amount: 49 });
  });

  it('is no correction to be told something for the first time', () => {
    const spec = sampleFlow(
      'ask_once',
      [sampleSlot('username', 'username')],
      [
        {
          id: 'known',
          kind: 'branch',
          cases: [{ when: { value: 'username', known: true }, goto: 'welcome' }],
          otherwise: 'hm',
          next: 'hm',
        },
        { id: 'hm', kind: 'say', text: 'We have not met.', next: 'who' },
        { id: 'who', kind: 'collect', slots: ['username'], next: 'nice' },
        { id: 'nice', kind: 'say', text: 'Nice to meet you, {username}.', next: undefined },
        { id: 'welcome', kind: 'say', text: 'Welcome back.', next: undefined },
      ],
    );
    const talk = converse(sampleDialogue(spec));
    talk.say(start('ask_once'));
    expect(textsOf(talk.say(set('username', 'ann')))).toEqual(['Nice to meet you, ann.']);
  });
});
