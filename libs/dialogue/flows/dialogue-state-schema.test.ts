import { describe, expect, it } from 'vitest';
import { type DialogueState, emptyDialogue } from './dialogue-state.ts';
import { dialogueState } from './dialogue-state-schema.ts';
import { refund, sampleDialogue } from './sample-flows.ts';

const dialogue = sampleDialogue(refund);
const { state } = dialogue.take(emptyDialogue, [{ kind: 'start_flow', flow: 'refund', slots: {} }], '$a');
const [frame] = state.stack;

describe('dialogueState', () => {
  it('gives back what was saved', () => {
    expect(dialogueState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(dialogueState.parse({ stack: [], parked: [] })).toEqual(emptyDialogue);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['no stack', { parked: [] }],
    ['a frame without steps', { ...state, stack: [{ ...frame, trail: undefined }] }],
    ['an unknown way to wait', { ...state, stack: [{ ...frame, awaiting: { kind: 'weather' } }] }],
    ['a count below zero', { ...state, stack: [{ ...frame, visits: { collect: -1 } }] }],
    ['more than the state has', { ...state, extra: true }],
  ])('refuses %s', (_, saved) => {
    expect(dialogueState.safeParse(saved).success).toBe(false);
  });

  it('asks for what the flow wants now when a frame waits for a slot that is gone', () => {
    const awaiting = { kind: 'slot', slot: 'gone', asked: 1 } as const;
    const saved: DialogueState = { ...state, stack: state.stack.map((open) => ({ ...open, awaiting })) };
    expect(dialogue.question(saved)).toBeUndefined();
    const { events } = dialogue.take(saved, [{ kind: 'set_slot', slot: 'gone', value: 'x' }], '$b');
    expect(events).toEqual([
      { kind: 'asked', flow: 'refund', slot: 'invoice_id', text: 'Which invoice_id?' },
    ]);
  });
});
