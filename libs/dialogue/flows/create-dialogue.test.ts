import { describe, expect, it } from 'vitest';
import { createDialogue } from './create-dialogue.ts';
import { emptyDialogue } from './dialogue-state.ts';
import { mostVisits } from './run-steps.ts';
import { changesOf, greet, refund, sampleDialogue, sampleFlow, sampleSlot, textsOf } from './sample-flows.ts';
import { atConfirmation, converse, correct, parked, ran, set, start } from './sample-talk.ts';

describe('links', () => {
  const outer = sampleFlow(
    'outer',
    [sampleSlot('username', 'username')],
    [
      { id: 'collect', kind: 'collect', slots: ['username'], next: 'inner' },
      { id: 'inner', kind: 'link', to: { flow: 'inner', slots: { name: '{username}' } }, next: 'agent' },
      { id: 'agent', kind: 'link', to: { agent: 'billing', request: 'Look at {username}.' }, next: 'end' },
      { id: 'end', kind: 'say', text: 'All done.', next: undefined },
    ],
  );
  const inner = sampleFlow(
    'inner',
    [sampleSlot('name', 'text'), sampleSlot('comment', 'text')],
    [
      { id: 'collect', kind: 'collect', slots: ['name', 'comment'], next: 'run' },
      {
        id: 'run',
        kind: 'action',
        tool: 't',
        with: { name: '{name}' },
        save: undefined,
        onFailure: undefined,
        next: undefined,
      },
    ],
  );

  it('start another flow with values, and go on when it is completed', () => {
    const talk = converse(sampleDialogue(outer, inner));
    const linked = talk.say(start('outer', { username: 'ann' }));
    expect(textsOf(linked)).toEqual(['Which comment?']);
    expect(changesOf(linked)).toEqual(['started outer', 'started inner']);
    talk.say(set('comment', 'hm'));
    const done = talk.meet(ran());
    expect(textsOf(done)).toEqual(['All done.']);
    expect(changesOf(done)).toEqual(['completed inner', 'completed outer']);
    expect(done.asides).toEqual([{ kind: 'agent', agent: 'billing', text: 'Look at ann.' }]);
  });

  it('are cancelled by themselves', () => {
    const talk = converse(sampleDialogue(outer, inner));
    talk.say(start('outer', { username: 'ann' }));
    expect(changesOf(talk.say({ kind: 'cancel' }))).toEqual(['cancelled inner', 'completed outer']);
  });

  it('wait together for a reviewer, so that nothing overtakes the approval', () => {
    const talk = converse(sampleDialogue(outer, inner));
    talk.say(start('outer', { username: 'ann' }));
    talk.say(set('comment', 'hm'));
    const proposed = talk.meet({ kind: 'proposed', approval: 'A' });
    expect(textsOf(proposed)).toEqual([]);
    expect(proposed.state.parked.map(({ flow }) => flow)).toEqual(['outer', 'inner']);
    expect(textsOf(talk.decide('A', { kind: 'ran', data: {}, text: '' }))).toEqual(['All done.']);
  });

  it('move together when another flow comes in between', () => {
    const talk = converse(sampleDialogue(outer, inner, greet));
    talk.say(start('outer', { username: 'ann' }));
    talk.say(start('greet'));
    const back = talk.say({ kind: 'resume', flow: 'outer' });
    expect(back.state.stack.map(({ flow }) => flow)).toEqual(['greet', 'outer', 'inner']);
    expect(textsOf(back)).toEqual(['Back to your inner request.', 'Which comment?']);
  });

  it('that go round in circles end the flows in words', () => {
    const ping = sampleFlow(
      'ping',
      [],
      [
        { id: 'a', kind: 'say', text: '', next: 'b' },
        { id: 'b', kind: 'say', text: '', next: 'a' },
      ],
    );
    const caller = sampleFlow(
      'caller',
      [],
      [{ id: 'go', kind: 'link', to: { flow: 'ping', slots: {} }, next: 'go' }],
    );
    const talk = converse(sampleDialogue(ping, caller, greet));
    talk.say(start('greet'));
    const ended = talk.say(start('caller'));
    expect(changesOf(ended)).toEqual([
      'paused greet',
      'started caller',
      'started ping',
      'failed ping',
      'failed caller',
      'resumed greet',
    ]);
    expect(textsOf(ended)[0]).toMatch(/round in circles/);
  });

  it('are not run over again by a correction when something in them was approved and ran', () => {
    const flow = sampleFlow(
      'flow',
      [sampleSlot('username', 'username')],
      [
        { id: 'collect', kind: 'collect', slots: ['username'], next: 'inner' },
        {
          id: 'inner',
          kind: 'link',
          to: { flow: 'inner', slots: { name: '{username}', comment: 'x' } },
          next: 'more',
        },
        { id: 'more', kind: 'confirm', ask: 'More for {username}?', no: undefined, next: undefined },
      ],
    );
    const talk = converse(sampleDialogue(flow, inner));
    talk.say(start('flow', { username: 'ann' }));
    talk.meet({ kind: 'proposed', approval: 'A' });
    expect(textsOf(talk.decide('A', { kind: 'ran', data: {}, text: '' }))).toEqual(['More for ann?']);
    const late = talk.say(correct('username', 'bob'));
    expect(textsOf(late)).toEqual([expect.stringMatching(/username is done already/), 'More for ann?']);
  });

  it('count together, so that a loop over a flow that always does something has an end', () => {
    const names = Array.from({ length: 10 }, (_, n) => `a${n}`);
    const busy = sampleFlow(
      'busy',
      [],
      names.map((id, n) => ({
        id,
        kind: 'action',
        tool: 't',
        with: {},
        save: undefined,
        onFailure: undefined,
        next: names[n + 1],
      })),
    );
    const loop = sampleFlow(
      'loop',
      [],
      [{ id: 'go', kind: 'link', to: { flow: 'busy', slots: {} }, next: 'go' }],
    );
    const talk = converse(sampleDialogue(busy, loop));
    let needs = 0;
    let advance = talk.say(start('loop'));
    for (; advance.need !== undefined && needs < 1_000; needs += 1) advance = talk.meet(ran());
    expect(needs).toBeLessThan(2 * mostVisits);
    expect(changesOf(advance).at(-1)).toBe('failed loop');
  });
});

describe('the playbook and the state', () => {
  it('end a flow in words when the playbook has it no more', () => {
    const { state } = converse(sampleDialogue(refund, greet)).say(start('refund'));
    const ended = sampleDialogue(greet).take(state, [set('invoice_id', 'INV-1')], '$x');
    expect(changesOf(ended)).toEqual(['failed refund']);
    expect(textsOf(ended)).toEqual([expect.stringMatching(/has changed meanwhile/)]);
  });

  it('end a parked flow in words when its step is gone', () => {
    const state = parked().state();
    const shorter = sampleFlow('refund', [...refund.slots.values()], refund.steps.slice(0, 4));
    const ended = sampleDialogue(shorter).decided(state, 'A', { kind: 'ran', data: {}, text: '' });
    expect(changesOf(ended)).toEqual(['resumed refund', 'failed refund']);
    expect(ended.state).toEqual(emptyDialogue);
  });

  it('tell understanding where the conversation stands', () => {
    const dialogue = sampleDialogue(refund, greet);
    const talk = atConfirmation(dialogue);
    expect(dialogue.contextOf(talk.state(), 0)).toEqual({
      flow: 'refund',
      awaiting: { flow: 'refund', slot: 'sure', type: 'boolean' },
      filled: ['invoice_id', 'amount'],
      paused: [],
      waiting: 0,
    });
    talk.say(start('greet'));
    expect(dialogue.contextOf(talk.state(), 2)).toEqual({
      flow: 'greet',
      awaiting: { flow: 'greet', slot: 'username', type: 'username' },
      filled: [],
      paused: ['refund'],
      waiting: 2,
    });
  });

  it('start a flow by themselves, and nothing where there is none or no room', () => {
    const dialogue = sampleDialogue(refund, greet);
    const started = dialogue.start(emptyDialogue, 'greet', {}, '$a');
    expect(textsOf(started)).toEqual(['Which username?']);
    const twice = dialogue.start(started.state, 'greet', { username: 'bob' }, '$a');
    expect(textsOf(twice)).toEqual(['Hello bob.', 'Back to your greet request.', 'Which username?']);
    expect(dialogue.start(emptyDialogue, 'nothing', {}, '$a')).toMatchObject({
      state: emptyDialogue,
      events: [],
    });
  });

  it('need a validator for every type', () => {
    expect(() => createDialogue({ flows: new Map([['greet', greet]]), validators: new Map() })).toThrow(
      'The flow greet needs the validator username, which is not registered',
    );
  });
});
