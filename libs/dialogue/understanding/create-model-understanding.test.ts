import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { ChatModel, Prompt } from '#models/chat-model';
import { ModelError } from '#models/errors';
import type { FlowSpec } from '#playbook/flow-spec';
import { createModelUnderstanding } from './create-model-understanding.ts';
import type { DialogueContext, Understanding } from './understanding.ts';

const slot = (name: string, type: string) => ({
  name,
  type,
  description: `The ${name}.`,
  ask: `${name}?`,
  why: undefined,
  examples: [],
});
const refund: FlowSpec = {
  id: 'refund',
  description: 'Gives money back.',
  examples: [],
  slots: new Map([
    ['invoice_id', slot('invoice_id', 'invoice_id')],
    ['amount', slot('amount', 'money')],
  ]),
  steps: [{ id: 'ask', next: undefined, kind: 'collect', slots: ['invoice_id', 'amount'] }],
  isOffered: true,
};
const feedback: FlowSpec = { ...refund, id: 'feedback', isOffered: false };
const billing = {
  id: 'billing',
  description: 'Invoices.',
  examples: [],
  keywords: [],
  tools: [],
  sops: [],
  model: undefined,
  review: 'never',
  flag: undefined,
} as const;
const playbook = {
  name: 'Desk',
  persona: 'You are a desk.',
  flows: new Map([refund, feedback].map((flow) => [flow.id, flow])),
  agents: new Map([['billing', billing]]),
};
const active: DialogueContext = {
  flow: 'refund',
  awaiting: { flow: 'refund', slot: 'amount', type: 'money' },
  filled: ['invoice_id'],
  paused: [],
  waiting: 0,
};

/** A model that fills in the form with this, checked by the form's schema as the real one is. */
function modelThatFills(filled: unknown, seen: Prompt[] = []): ChatModel {
  return {
    write: () => Promise.reject(new Error('writes nothing')),
    act: () => Promise.reject(new Error('does nothing')),
    fill: async <Schema extends z.ZodType>({ messages, form, onUsage }: Parameters<ChatModel['fill']>[0]) => {
      seen.push(...messages);
      onUsage?.({ model: 'test', inputTokens: 7, outputTokens: 3 });
      const parsed = form.schema.safeParse(filled);
      if (!parsed.success) throw new ModelError('garbage', 'did not fill in the form');
      // The schema of the form that was asked for made it.
      return parsed.data as z.output<Schema>;
    },
  };
}

async function understood(
  filled: unknown,
  {
    text = 'hello',
    context = active,
    seen,
  }: { text?: string; context?: DialogueContext; seen?: Prompt[] } = {},
): Promise<Understanding> {
  const model = modelThatFills(filled, seen);
  const understand = createModelUnderstanding({ model, playbook, validators: createValidators() });
  const { signal } = new AbortController();
  return understand({ text, context, history: [], signal, onUsage: () => undefined });
}

const commandsOf = async (...commands: unknown[]) => (await understood({ commands })).commands;

describe('createModelUnderstanding', () => {
  it('takes commands and analysis as the model fills them in', async () => {
    const filled = {
      commands: [
        { command: 'start_flow', flow: 'refund', slots: { invoice_id: 'INV-1042', amount: 49 } },
        { command: 'digress', digression: 'question', text: 'How long?', topics: ['billing'] },
      ],
      analysis: {
        topics: ['billing'],
        urgency: 'high',
        tone: 'angry',
        risk: 'legal_threat',
        confidence: 0.9,
        entities: ['acme'],
      },
    };
    expect(await understood(filled)).toEqual({
      commands: [
        { kind: 'start_flow', flow: 'refund', slots: { invoice_id: 'INV-1042', amount: '49' } },
        { kind: 'digress', digression: 'question', text: 'How long?', topics: ['billing'] },
      ],
      analysis: {
        topics: ['billing'],
        urgency: 'high',
        tone: 'angry',
        sensitivity: { isSensitive: true, riskCategory: 'legal_threat', confidence: 0.9, entities: ['acme'] },
      },
      confidence: 0.9,
    });
  });

  it.each<[string, unknown]>([
    ['an unknown flow', { command: 'start_flow', flow: 'format_disk' }],
    ['a flow that is not offered', { command: 'start_flow', flow: 'feedback' }],
    ['an unknown slot', { command: 'set_slot', slot: 'password', value: 'x' }],
    ['an unknown command', { command: 'delete_everything' }],
    ['a command of another type', 17],
    ['a slot without a value', { command: 'set_slot', slot: 'amount' }],
  ])('asks what is meant where the model names %s alone', async (_, command) => {
    expect(await commandsOf(command)).toEqual([{ kind: 'clarify', options: [] }]);
  });

  it('drops what is unknown and keeps the rest', async () => {
    expect(
      await commandsOf(
        { command: 'launch' },
        { command: 'set_slot', slot: 'amount', value: '49 EUR' },
        { command: 'digress', digression: 'sing', topics: ['moon'] },
      ),
    ).toEqual([
      { kind: 'set_slot', slot: 'amount', value: '49 EUR' },
      { kind: 'digress', digression: 'question', text: 'hello', topics: ['unknown'] },
    ]);
  });

  it.each([[[]], [[{ command: 'chat', tone: 'greeting' }]]])(
    'asks where the model is not sure that an action is wanted, after %j',
    async (before) => {
      const { commands } = await understood({
        commands: [...before, { command: 'start_flow', flow: 'refund' }],
        confidence: 0.2,
      });
      expect(commands).toEqual([{ kind: 'clarify', options: ['refund'] }]);
    },
  );

  it('asks again where the model is not sure that a person confirms, and takes a value that it is not sure of', async () => {
    const sure = { ...active, awaiting: { flow: 'refund', slot: 'sure', type: 'boolean' } };
    const answer = (slot: string, value: string) => ({
      commands: [{ command: 'set_slot', slot, value }],
      confidence: 0.2,
    });
    expect((await understood(answer('sure', 'yes'), { context: sure })).commands).toEqual([
      { kind: 'clarify', options: [] },
    ]);
    expect((await understood(answer('amount', '49'))).commands).toEqual([
      { kind: 'set_slot', slot: 'amount', value: '49' },
    ]);
  });

  it('asks where the form is empty', async () => {
    expect((await understood({ commands: [] })).commands).toEqual([{ kind: 'clarify', options: [] }]);
  });

  it('knows an exposed key by its placeholder, whatever the model says', async () => {
    const { analysis } = await understood(
      { commands: [{ command: 'chat' }] },
      { text: 'it is [API_KEY-0011]' },
    );
    expect(analysis.sensitivity).toMatchObject({ riskCategory: 'token_exposure', confidence: 1 });
  });

  it('takes at most 8 commands', async () => {
    const many = Array.from({ length: 500 }, () => ({ command: 'digress', text: 'again' }));
    expect(await commandsOf(...many)).toHaveLength(8);
  });

  it('tells the model where the conversation stands, and what may be said', async () => {
    const seen: Prompt[] = [];
    await understood({ commands: [] }, { text: 'the newest', seen });
    const [system, user] = [seen[0]?.text ?? '', seen.at(-1)];
    for (const part of [
      'slot amount of refund',
      'filled slots: invoice_id',
      '- billing: Invoices.',
      '- refund:',
    ])
      expect(system).toContain(part);
    expect(system).not.toContain('feedback');
    expect(user).toEqual({ role: 'user', text: 'the newest' });
  });

  it('shows the model what prompt.yaml says, an example a line, and nothing of it where there is none', async () => {
    const seen: Prompt[] = [];
    const prompt = {
      instructions: 'A threat of a chargeback is a refund.',
      examples: [
        {
          text: 'give it\nback',
          expect: { command: 'start_flow', flow: 'refund', slot: 'amount', value: '9 EUR' },
        },
        {
          text: 'no idea',
          awaiting: { flow: 'refund', slot: 'amount' },
          expect: { command: 'digress', digression: 'question', topic: 'billing', risk: 'legal_threat' },
        },
      ],
    } as const;
    const model = modelThatFills({ commands: [{ command: 'hand_off' }] }, seen);
    const deps = { model, validators: createValidators() };
    const { signal } = new AbortController();
    const input = { text: 'hi', context: active, history: [], signal, onUsage: () => undefined };
    await createModelUnderstanding({ ...deps, playbook: { ...playbook, prompt } })(input);
    await createModelUnderstanding({ ...deps, playbook: { ...playbook, prompt: { examples: [] } } })(input);
    await createModelUnderstanding({ ...deps, playbook })(input);
    const [told, , untold, , without] = seen.map(({ text }) => text);
    const lines = told?.split('\n') ?? [];
    expect(lines).toContain('A threat of a chargeback is a refund.');
    expect(lines).toContain(
      '- {"message":"give it\\nback"} => {"commands":[{"command":"start_flow","flow":"refund","slots":{"amount":"9 EUR"}}]}',
    );
    expect(lines).toContain(
      '- {"message":"no idea","flow":"refund","awaited":"amount"} => {"commands":[{"command":"digress","digression":"question","topics":["billing"]}],"analysis":{"topics":["billing"],"risk":"legal_threat"}}',
    );
    expect(untold).toBe(without);
    expect(untold).not.toContain('Examples:');
  });

  it('passes on what a call used and why it failed', async () => {
    const used: number[] = [];
    const understand = createModelUnderstanding({
      model: modelThatFills('no form'),
      playbook,
      validators: createValidators(),
    });
    const { signal } = new AbortController();
    const onUsage = ({ inputTokens }: { inputTokens: number }): void => void used.push(inputTokens);
    const input = { text: 'hi', context: active, history: [], signal, onUsage };
    await expect(understand(input)).rejects.toMatchObject({ kind: 'garbage' });
    expect(used).toEqual([7]);
  });

  it('names only what the playbook has, whatever is filled in', async () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('refund', 'feedback', 'amount', 'start_flow', 'set_slot', 'digress'),
    );
    const command = fc.record(
      {
        command: word,
        flow: word,
        slot: word,
        value: fc.jsonValue(),
        slots: fc.jsonValue(),
        topics: fc.jsonValue(),
      },
      { requiredKeys: ['command'] },
    );
    const form = fc.record({
      commands: fc.array(fc.oneof(command, fc.jsonValue())),
      analysis: fc.jsonValue(),
      confidence: fc.jsonValue(),
    });
    await fc.assert(
      fc.asyncProperty(form, async (filled) => {
        const { commands, analysis } = await understood(filled);
        expect(commands.length).toBeGreaterThan(0);
        for (const one of commands) {
          if (one.kind === 'start_flow') expect(one.flow).toBe('refund');
          if (one.kind === 'set_slot') expect(['amount', 'invoice_id']).toContain(one.slot);
          if (one.kind === 'digress')
            for (const topic of one.topics) expect(['billing', 'unknown']).toContain(topic);
        }
        for (const topic of analysis.topics) expect(['billing', 'unknown']).toContain(topic);
      }),
    );
  });
});
