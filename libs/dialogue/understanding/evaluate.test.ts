import { describe, expect, it } from 'vitest';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { FlowSpec } from '#playbook/flow-spec';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import { contextOfItem } from './context-of-item.ts';
import { evaluate } from './evaluate.ts';
import type { Understand, Understanding } from './understanding.ts';

const slotOf = (name: string, type: string) => ({
  name,
  type,
  description: '',
  ask: '',
  why: undefined,
  examples: [],
});
const refund: FlowSpec = {
  id: 'refund',
  description: '',
  examples: [],
  slots: new Map([
    ['invoice_id', slotOf('invoice_id', 'invoice_id')],
    ['amount', slotOf('amount', 'money')],
  ]),
  steps: [
    { id: 'ask', next: 'sure', kind: 'collect', slots: ['invoice_id', 'amount'] },
    { id: 'sure', next: undefined, kind: 'confirm', ask: 'Sure?', no: undefined },
  ],
  isOffered: true,
};
const options = { flows: new Map([['refund', refund]]), validators: createValidators() };
const analysis: Understanding['analysis'] = {
  topics: ['billing'],
  urgency: 'normal',
  tone: 'neutral',
  sensitivity: { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] },
};

/** Understands everything as these commands. */
function always(...commands: Understanding['commands']): Understand {
  return async () => ({ commands, analysis, confidence: 1 });
}

const awaiting = { flow: 'refund', slot: 'amount' };
const isRight = async (understand: Understand, item: LabelledMessage): Promise<boolean> =>
  (await evaluate(understand, [item], options)).correct === 1;

describe('evaluate', () => {
  it('counts, scores and lists what was not understood', async () => {
    const items: LabelledMessage[] = [
      { text: 'refund', expect: { command: 'start_flow', flow: 'refund' } },
      { text: 'hello', expect: { command: 'chat' } },
    ];
    const result = await evaluate(always({ kind: 'start_flow', flow: 'refund', slots: {} }), items, options);
    expect(result).toEqual({
      total: 2,
      correct: 1,
      accuracy: 0.5,
      byCommand: {
        start_flow: { precision: 0.5, recall: 1, f1: 2 / 3, support: 1, confusion: { start_flow: 1 } },
        chat: { precision: 0, recall: 0, f1: 0, support: 1, confusion: { start_flow: 1 } },
      },
      failures: [
        {
          text: 'hello',
          expect: { command: 'chat' },
          got: { command: 'start_flow', flow: 'refund', topic: 'billing', topics: ['billing'], risk: 'none' },
        },
      ],
    });
  });

  it.each<[string, string, boolean]>([
    ['49 EUR', '49 EUR', true],
    ['49 EUR', '49', true],
    ['49', ' 49.00 eur ', true],
    ['50', '49', false],
    ['nothing', '49', false],
  ])('compares the value %j with %j through the validator', async (value, found, right) => {
    const item: LabelledMessage = {
      text: 'x',
      awaiting,
      expect: { command: 'set_slot', slot: 'amount', value },
    };
    expect(await isRight(always({ kind: 'set_slot', slot: 'amount', value: found }), item)).toBe(right);
  });

  it('looks for the expected slot among several of one message', async () => {
    const item: LabelledMessage = {
      text: 'x',
      awaiting,
      expect: { command: 'set_slot', slot: 'amount', value: 49 },
    };
    const two = always(
      { kind: 'set_slot', slot: 'invoice_id', value: 'INV-1' },
      { kind: 'set_slot', slot: 'amount', value: '49' },
    );
    expect(await isRight(two, item)).toBe(true);
  });

  it('lets the first command that is more than chat decide', async () => {
    const item: LabelledMessage = { text: 'x', expect: { command: 'cancel' } };
    expect(await isRight(always({ kind: 'chat', tone: 'greeting' }, { kind: 'cancel' }), item)).toBe(true);
    expect(await isRight(always({ kind: 'hand_off' }, { kind: 'cancel' }), item)).toBe(false);
  });

  it('compares topics as a set, and the first as the topic', async () => {
    const digress = always({ kind: 'digress', digression: 'question', text: '', topics: ['a', 'b'] });
    const ofTopics = (expect: Partial<LabelledMessage['expect']>): LabelledMessage => ({
      text: 'x',
      expect: { command: 'digress', ...expect },
    });
    expect(await isRight(digress, ofTopics({ topics: ['b', 'a'] }))).toBe(true);
    expect(await isRight(digress, ofTopics({ topics: ['a'] }))).toBe(false);
    expect(await isRight(digress, ofTopics({ topic: 'a' }))).toBe(true);
    expect(await isRight(digress, ofTopics({ topic: 'b' }))).toBe(false);
  });

  it('takes a resume without a name for the flow that was paused last', async () => {
    const item: LabelledMessage = {
      text: 'x',
      paused: ['refund'],
      expect: { command: 'resume', flow: 'refund' },
    };
    expect(await isRight(always({ kind: 'resume', flow: null }), item)).toBe(true);
  });

  it('goes on where a message cannot be understood', async () => {
    const broken: Understand = () => Promise.reject(new Error('overloaded'));
    const items: LabelledMessage[] = [1, 2, 3].map((n) => ({ text: String(n), expect: { command: 'chat' } }));
    const { total, correct, failures, byCommand } = await evaluate(broken, items, { ...options, atOnce: 2 });
    expect({ total, correct }).toEqual({ total: 3, correct: 0 });
    expect(failures.map(({ got }) => got)).toEqual(Array(3).fill({ error: 'overloaded' }));
    expect(byCommand['chat']?.confusion).toEqual({ error: 3 });
  });
});

describe('contextOfItem', () => {
  it('takes what is asked before the awaited slot for filled', () => {
    const context = contextOfItem({ text: 'x', awaiting, expect: { command: 'chat' } }, options.flows);
    expect(context).toMatchObject({
      flow: 'refund',
      awaiting: { ...awaiting, type: 'money' },
      filled: ['invoice_id'],
    });
  });

  it('takes the slot of a confirmation for a yes or no after all others', () => {
    const item: LabelledMessage = {
      text: 'x',
      awaiting: { flow: 'refund', slot: 'sure' },
      expect: { command: 'chat' },
    };
    expect(contextOfItem(item, options.flows)).toMatchObject({
      awaiting: { type: 'boolean' },
      filled: ['invoice_id', 'amount'],
    });
  });
});
