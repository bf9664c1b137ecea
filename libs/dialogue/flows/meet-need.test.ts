import { describe, expect, it } from 'vitest';
import type { Step } from '#playbook/flow-spec';
import { emptyDialogue } from './dialogue-state.ts';
import { changesOf, greet, refund, sampleDialogue, sampleFlow, sampleSlot, textsOf } from './sample-flows.ts';
import { atConfirmation, converse, parked, ran, set, start } from './sample-talk.ts';

describe('needs', () => {
  it('go on at the step for failures, which can say the reason', () => {
    const talk = converse(sampleDialogue(refund));
    talk.say(start('refund', { invoice_id: 'INV-1', amount: '5' }));
    const failed = talk.meet({ kind: 'failed', text: 'unknown number' });
    expect(textsOf(failed)).toEqual(['No invoice INV-1: unknown number']);
    expect(changesOf(failed)).toEqual(['completed refund']);
  });

  it('end the flow in words without such a step', () => {
    const talk = atConfirmation();
    talk.say(set('sure', 'yes'));
    const failed = talk.meet({ kind: 'failed', text: 'The bank is closed.' });
    expect(textsOf(failed)).toEqual(['The bank is closed.']);
    expect(changesOf(failed)).toEqual(['failed refund']);
  });

  it('have another key each time that a loop comes to them, and the same when the turn runs again', () => {
    const again = sampleFlow(
      'again',
      [],
      [
        { id: 'try', kind: 'action', tool: 't', with: {}, save: 'got', onFailure: undefined, next: 'good' },
        {
          id: 'good',
          kind: 'branch',
          cases: [{ when: { value: 'got.done', is: true }, goto: 'end' }],
          otherwise: 'try',
          next: 'end',
        },
        { id: 'end', kind: 'say', text: 'Done.', next: undefined },
      ],
    );
    const dialogue = sampleDialogue(again);
    const first = dialogue.take(emptyDialogue, [start('again')], '$a');
    expect(dialogue.take(emptyDialogue, [start('again')], '$a')).toEqual(first);
    if (first.need === undefined) throw new Error('nothing is needed');
    const second = dialogue.meet(first.state, first.need, ran({ done: false }));
    expect(second.need?.key).not.toBe(first.need.key);
    expect(dialogue.meet(second.state, first.need, ran({ done: true }))).toMatchObject({
      state: second.state,
      events: [],
    });
  });

  it('park the flow while a reviewer decides, and the one below goes on', () => {
    const talk = converse(sampleDialogue(refund, greet));
    talk.say(start('greet'));
    talk.say(start('refund', { invoice_id: 'INV-1', amount: '5' }));
    talk.meet(ran({ refundable: true }));
    talk.say(set('sure', 'yes'));
    const proposed = talk.meet({ kind: 'proposed', approval: 'A' });
    expect(proposed.state.parked.map(({ awaiting }) => awaiting)).toEqual([
      { kind: 'approval', approval: 'A' },
    ]);
    expect(textsOf(proposed)).toEqual(['Back to your greet request.', 'Which username?']);
  });

  it('come back from the reviewer on top of what is active', () => {
    const talk = parked();
    talk.say(start('greet'));
    const decided = talk.decide('A', { kind: 'ran', data: { number: 'R-1' }, text: '' });
    expect(changesOf(decided)).toEqual(['paused greet', 'resumed refund']);
    expect(textsOf(decided)).toEqual(['Refunded 49: R-1.', 'Which comment?']);
    expect(textsOf(talk.say(set('comment', 'thanks')))).toEqual([
      'Back to your greet request.',
      'Which username?',
    ]);
  });

  it.each([
    [{ kind: 'rejected', text: 'Not without a receipt.' }, 'failed refund'],
    [{ kind: 'failed', text: 'The bank is closed.' }, 'failed refund'],
    [{ kind: 'expired' }, 'failed refund'],
    [{ kind: 'cancelled' }, 'cancelled refund'],
  ] as const)('end without words of their own when the approval is %j', (outcome, change) => {
    const ended = parked().decide('A', outcome);
    expect(textsOf(ended)).toEqual([]);
    expect(changesOf(ended)).toEqual(['resumed refund', change]);
    expect(ended.state).toEqual(emptyDialogue);
  });

  it('of another approval change nothing', () => {
    const talk = parked();
    const before = talk.state();
    expect(talk.decide('B', { kind: 'expired' })).toEqual({
      state: before,
      events: [],
      asides: [],
      need: undefined,
    });
  });

  it('set a check for later that is complete in itself', () => {
    const check: Step = {
      id: 'later',
      kind: 'check',
      afterSeconds: 600,
      tool: 'find_account',
      with: { username: '{username}' },
      expect: {
        all: [
          { value: 'result.name', is: '{username}' },
          { value: 'result.locked', isNot: true },
        ],
      },
      failed: '{username} is still locked.',
      next: undefined,
    };
    const spec = sampleFlow(
      'unlock',
      [sampleSlot('username', 'username')],
      [{ id: 'collect', kind: 'collect', slots: ['username'], next: 'later' }, check],
    );
    const dialogue = sampleDialogue(spec);
    const { state, need } = dialogue.take(emptyDialogue, [start('unlock', { username: 'ann' })], '$a');
    if (need?.kind !== 'check') throw new Error('no check');
    expect(need).toMatchObject({
      afterSeconds: 600,
      check: { args: { username: 'ann' }, failed: 'ann is still locked.' },
    });
    expect(changesOf(dialogue.meet(state, need, { kind: 'scheduled' }))).toEqual(['completed unlock']);
    expect(dialogue.isAsExpected(need.check, { name: 'ann', locked: false })).toBe(true);
    expect(dialogue.isAsExpected(need.check, { name: 'ann', locked: true })).toBe(false);
    expect(dialogue.isAsExpected(need.check, { name: 'bob' })).toBe(false);
    expect(dialogue.isAsExpected({ ...need.check, expect: 'nonsense' }, { name: 'ann' })).toBe(false);
  });
});
