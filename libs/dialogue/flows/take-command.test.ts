import { describe, expect, it } from 'vitest';
import type { Command } from '../command.ts';
import { emptyDialogue } from './dialogue-state.ts';
import { changesOf, greet, refund, sampleDialogue, sampleFlow, sampleSlot, textsOf } from './sample-flows.ts';
import { atConfirmation, converse, parked, ran, set, start } from './sample-talk.ts';

describe('the stack', () => {
  it('comes back to a paused flow', () => {
    const talk = converse(sampleDialogue(refund, greet));
    talk.say(start('refund'));
    const second = talk.say(start('greet'));
    expect(changesOf(second)).toEqual(['paused refund', 'started greet']);
    const back = talk.say(set('username', 'ann'));
    expect(changesOf(back)).toEqual(['completed greet', 'resumed refund']);
    expect(textsOf(back)).toEqual(['Hello ann.', 'Back to your refund request.', 'Which invoice_id?']);
  });

  it('updates the active flow when it is started again', () => {
    const talk = converse(sampleDialogue(refund));
    talk.say(start('refund', { invoice_id: 'INV-1' }));
    const again = talk.say(start('refund', { invoice_id: 'INV-2' }));
    expect(again.state.stack.map(({ slots }) => slots)).toEqual([{ invoice_id: 'INV-2' }]);
    expect(changesOf(again)).toEqual([]);
  });

  it('brings a paused flow back when it is started again, with the new values', () => {
    const talk = converse(sampleDialogue(refund, greet));
    talk.say(start('refund'));
    talk.say(start('greet'));
    const again = talk.say(start('refund', { invoice_id: 'INV-2' }));
    expect(changesOf(again)).toEqual(['paused greet', 'resumed refund']);
    expect(again.state.stack.map(({ flow }) => flow)).toEqual(['greet', 'refund']);
    expect(textsOf(again)).toEqual(['Back to your refund request.', 'Which amount?']);
  });

  it('goes to a paused flow by name, or to the last one', () => {
    const other = sampleFlow(
      'other',
      [sampleSlot('project', 'project')],
      [{ id: 'collect', kind: 'collect', slots: ['project'], next: undefined }],
    );
    const talk = converse(sampleDialogue(refund, greet, other));
    talk.say(start('refund'));
    talk.say(start('greet'));
    talk.say(start('other'));
    expect(talk.say({ kind: 'resume', flow: 'refund' }).state.stack.at(-1)?.flow).toBe('refund');
    expect(talk.say({ kind: 'resume', flow: null }).state.stack.map(({ flow }) => flow)).toEqual([
      'greet',
      'refund',
      'other',
    ]);
  });

  it('cancels the active flow and goes back to the one before', () => {
    const talk = converse(sampleDialogue(refund, greet));
    talk.say(start('refund'));
    talk.say(start('greet'));
    const cancelled = talk.say({ kind: 'cancel' });
    expect(changesOf(cancelled)).toEqual(['cancelled greet', 'resumed refund']);
    expect(textsOf(cancelled)).toEqual([
      'Your greet request is cancelled.',
      'Back to your refund request.',
      'Which invoice_id?',
    ]);
  });

  it('asks for nothing in between when a message cancels one flow and starts another', () => {
    const talk = converse(sampleDialogue(refund, greet));
    talk.say(start('refund'));
    const both = talk.say({ kind: 'cancel' }, start('greet'));
    expect(changesOf(both)).toEqual(['cancelled refund', 'started greet']);
    expect(textsOf(both)).toEqual(['Your refund request is cancelled.', 'Which username?']);
  });

  it('is bounded: a sixth flow is refused in words', () => {
    const flows = Array.from({ length: 6 }, (_, n) =>
      sampleFlow(
        `flow${n}`,
        [sampleSlot('project', 'project')],
        [{ id: 'collect', kind: 'collect', slots: ['project'], next: undefined }],
      ),
    );
    const talk = converse(sampleDialogue(...flows));
    for (const { id } of flows.slice(0, 5)) talk.say(start(id));
    const sixth = talk.say(start('flow5'));
    expect(textsOf(sixth)).toEqual([expect.stringMatching(/too much open/)]);
    expect(sixth.state.stack).toHaveLength(5);
  });

  it('keeps room for what comes back from reviewers: ten flows are the most, those that wait included', () => {
    const ask = sampleFlow(
      'ask',
      [],
      [
        {
          id: 'go',
          kind: 'approval',
          tool: 't',
          with: {},
          save: undefined,
          onFailure: undefined,
          next: undefined,
        },
      ],
    );
    const talk = converse(sampleDialogue(ask));
    for (let n = 0; n < 10; n += 1) {
      talk.say(start('ask'));
      talk.meet({ kind: 'proposed', approval: `A${n}` });
    }
    const eleventh = talk.say(start('ask'));
    expect(textsOf(eleventh)).toEqual([expect.stringMatching(/too much open/)]);
    expect(eleventh.state.parked).toHaveLength(10);
    expect(changesOf(talk.decide('A3', { kind: 'ran', data: {}, text: '' }))).toEqual([
      'resumed ask',
      'completed ask',
    ]);
  });
});

describe('something in between', () => {
  it('answers why and asks again', () => {
    const talk = converse(sampleDialogue(refund));
    talk.say(start('refund'));
    const why = talk.say({ kind: 'digress', digression: 'why', text: 'why?', topics: [] });
    expect(textsOf(why)).toEqual(['Because of the invoice_id.', 'Which invoice_id?']);
    expect(why.asides).toEqual([]);
  });

  it('answers why at a confirmation with what the flow does', () => {
    const why = atConfirmation().say({ kind: 'digress', digression: 'why', text: 'why?', topics: [] });
    expect(textsOf(why)).toEqual(['It is needed for this: Does refund.', 'Refund 49 of INV-1042?']);
  });

  it('leaves everything else to the caller, and the question stays open', () => {
    const dialogue = sampleDialogue(refund);
    const talk = converse(dialogue);
    const { state } = talk.say(start('refund'));
    const asides: Command[] = [
      { kind: 'digress', digression: 'question', text: 'How long does it take?', topics: ['billing'] },
      { kind: 'chat', tone: 'thanks' },
      { kind: 'clarify', options: ['refund'] },
      { kind: 'hand_off' },
    ];
    const taken = talk.say(...asides);
    expect(taken.asides).toEqual(asides);
    expect(taken.events).toEqual([]);
    expect(taken.state).toEqual(state);
    expect(dialogue.question(taken.state)).toBe('Which invoice_id?');
  });

  it('means the waiting requests when nothing is active', () => {
    expect(parked().say({ kind: 'cancel' }).asides).toEqual([{ kind: 'cancel' }]);
  });

  it('asks what is meant when a value comes for no flow', () => {
    const { asides, state } = converse(sampleDialogue(refund)).say(set('amount', '5'));
    expect(asides).toEqual([{ kind: 'clarify', options: [] }]);
    expect(state).toEqual(emptyDialogue);
  });
});

describe('confirming', () => {
  it('goes on with yes', () => {
    expect(atConfirmation().say(set('sure', 'yes please')).need).toMatchObject({
      tool: 'refund_invoice',
      args: { invoice_id: 'INV-1042', amount: 49 },
      mustAsk: true,
    });
  });

  it('cancels with no', () => {
    const refused = atConfirmation().say(set('sure', 'no'));
    expect(changesOf(refused)).toEqual(['cancelled refund']);
    expect(refused.need).toBeUndefined();
  });

  it('asks again when it is neither', () => {
    const unclear = atConfirmation().say(set('sure', 'maybe next week'));
    expect(textsOf(unclear)).toEqual(['Please answer yes or no.', 'Refund 49 of INV-1042?']);
  });

  it('takes no answer before its question', () => {
    const talk = converse(sampleDialogue(refund));
    talk.say(start('refund'));
    talk.say(set('sure', 'yes'), set('invoice_id', 'INV-1'), set('amount', '5'));
    expect(textsOf(talk.meet(ran({ refundable: true })))).toEqual(['Refund 5 of INV-1?']);
  });
});
