import type { Json } from '#contract/canonical-json';
import type { Command } from '../command.ts';
import type { Advance, Decided, Dialogue, Met } from './dialogue.ts';
import { type DialogueState, emptyDialogue } from './dialogue-state.ts';
import { greet, refund, sampleDialogue } from './sample-flows.ts';

export const start = (flow: string, slots: Record<string, string> = {}): Command => ({
  kind: 'start_flow',
  flow,
  slots,
});
export const set = (slot: string, value: string): Command => ({ kind: 'set_slot', slot, value });
export const correct = (slot: string, value: string | null): Command => ({
  kind: 'correct_slot',
  slot,
  value,
});
export const ran = (data: Json = {}): Met => ({ kind: 'ran', data, text: 'done' });

/** Goes on from advance to advance. */
export interface Talk {
  say: (...commands: Command[]) => Advance;
  meet: (met: Met) => Advance;
  decide: (approval: string, outcome: Decided) => Advance;
  state: () => DialogueState;
}

/** A conversation that goes on from advance to advance. */
export function converse(dialogue: Dialogue): Talk {
  let last: Advance = { state: emptyDialogue, events: [], asides: [], need: undefined };
  let turn = 0;
  const keep = (advance: Advance): Advance => {
    last = advance;
    return advance;
  };
  return {
    say: (...commands) => {
      turn += 1;
      return keep(dialogue.take(last.state, commands, `$turn${turn}`));
    },
    meet: (met) => {
      if (last.need === undefined) throw new Error('nothing is needed');
      return keep(dialogue.meet(last.state, last.need, met));
    },
    decide: (approval, outcome) => keep(dialogue.decided(last.state, approval, outcome)),
    state: () => last.state,
  };
}

/** A refund that stands at its confirmation. */
export function atConfirmation(dialogue = sampleDialogue(refund, greet)): Talk {
  const talk = converse(dialogue);
  talk.say(start('refund', { invoice_id: 'INV-1042', amount: '49 EUR' }));
  talk.meet(ran({ refundable: true }));
  return talk;
}

/** A refund that waits for a reviewer. */
export function parked(dialogue = sampleDialogue(refund, greet)): Talk {
  const talk = atConfirmation(dialogue);
  talk.say(set('sure', 'yes'));
  talk.meet({ kind: 'proposed', approval: 'A' });
  return talk;
}
