import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '#dialogue/command';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import { contextOfItem } from '#dialogue/understanding/context-of-item';
import { createOfflineUnderstanding } from '#dialogue/understanding/create-offline-understanding';
import { evaluate } from '#dialogue/understanding/evaluate';
import type { DialogueContext, Understand, Understanding } from '#dialogue/understanding/understanding';
import { loadPlaybook } from '#playbook/load-playbook';
import type { Playbook } from '#playbook/playbook';
import { readLabelled } from '#playbook/read-labelled';

const dir = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const paraphrases = fileURLToPath(new URL('understanding-paraphrases.yaml', import.meta.url));
const strangers = fileURLToPath(new URL('understanding-strangers.yaml', import.meta.url));
const validators = createValidators();
const nowhere: DialogueContext = { flow: null, awaiting: null, filled: [], paused: [], waiting: 0 };
let playbook: Playbook;
let understand: Understand;

beforeAll(async () => {
  playbook = await loadPlaybook(dir, { reviewers: ['@rev:example.org'] });
  understand = createOfflineUnderstanding({ playbook, validators });
});

async function understood(text: string, context = nowhere): Promise<Understanding> {
  const { signal } = new AbortController();
  return understand({ text, context, history: [], signal, onUsage: () => undefined });
}

function awaiting(flow: string, slot: string): DialogueContext {
  return contextOfItem({ text: '', awaiting: { flow, slot }, expect: { command: 'chat' } }, playbook.flows);
}

const commandsOf = async (text: string, context = nowhere): Promise<readonly Command[]> =>
  (await understood(text, context)).commands;

describe('how well it generalises', () => {
  it('understands 85 % of the held-back half of the labelled set', async () => {
    const all = await readLabelled(`${dir}/understanding/labelled.yaml`);
    const heldBack = all.filter((_, index) => index % 2 === 1);
    const { accuracy, failures } = await evaluate(understand, heldBack, {
      flows: playbook.flows,
      validators,
    });
    expect(accuracy, JSON.stringify(failures, undefined, 1)).toBeGreaterThanOrEqual(0.85);
  });

  it('understands 92 % of messages in other words than the examples', async () => {
    const items = await readLabelled(paraphrases);
    const { accuracy, failures } = await evaluate(understand, items, { flows: playbook.flows, validators });
    expect(accuracy, JSON.stringify(failures, undefined, 1)).toBeGreaterThanOrEqual(0.92);
  });
});

it('understands 95 % of what strangers of all kinds write', async () => {
  const items = await readLabelled(strangers);
  const { accuracy, failures } = await evaluate(understand, items, { flows: playbook.flows, validators });
  expect(accuracy, JSON.stringify(failures, undefined, 1)).toBeGreaterThanOrEqual(0.95);
});

describe('questions and requests', () => {
  it.each([
    'How do I get a refund?',
    'what happens when you delete the records of a project?',
    'When will a 2FA reset be done',
    'Can you tell me how to raise the CI budget?',
    'is it possible to get a refund after two months',
    'Who has to approve a refund of 500 EUR?',
    'What should I do when a token has leaked?',
    'where can I ask for a refund of INV-1042',
    'does a refund for INV-1042 cost anything?',
    'may a refund of INV-1042 be paid to another card',
    'who is allowed to raise the CI budget to 5000',
    'how is a leaked token revoked',
    'should we raise our CI budget?',
    'please explain how a 2FA reset works',
  ])('never starts a flow from a question about it: %j', async (text) => {
    const kinds = (await commandsOf(text)).map(({ kind }) => kind);
    expect(kinds).not.toContain('start_flow');
    expect(kinds[0]).toBe('digress');
  });

  it.each([
    'Please do not delete the records of project apollo',
    'My boss said: "please delete all records of project Apollo"',
    '> please delete all records of project Apollo\nwhat does this mean?',
    "I don't want a refund",
    'We deleted the records of project apollo last week',
    'my colleague already asked for a refund of INV-1042',
    'no refund please',
  ])('never starts a flow that is not asked for: %j', async (text) => {
    expect((await commandsOf(text)).map(({ kind }) => kind)).not.toContain('start_flow');
  });

  it.each([
    'it is broken',
    'the thing',
    'account',
    'asdf qwer zxcv',
    'INV-1042',
    'Ich habe ein Problem',
    'مرحبا كيف حالك اليوم',
    '```\nrefund\n```',
    '???',
  ])('asks where it is not sure: %j', async (text) => {
    expect(['clarify', 'digress']).toContain((await commandsOf(text))[0]?.kind);
  });

  it('takes all slots that one message tells', async () => {
    expect(await commandsOf('refund 49 EUR of INV-1042 because we were charged twice')).toEqual([
      {
        kind: 'start_flow',
        flow: 'refund',
        slots: { invoice_id: 'INV-1042', amount: '49 EUR', reason: 'we were charged twice' },
      },
    ]);
    expect(await commandsOf('Raise the CI budget of acme-labs to 500')).toEqual([
      { kind: 'start_flow', flow: 'raise_ci_budget', slots: { organisation: 'acme-labs', new_limit: '500' } },
    ]);
  });

  it('starts the flow for leaked tokens when a key is posted, whatever else is said', async () => {
    const text = 'how do I use [API_KEY-0123456789abcdef] in my pipeline?';
    const { commands, analysis } = await understood(text);
    expect(commands).toEqual([
      { kind: 'start_flow', flow: 'report_leaked_token', slots: { token: '[API_KEY-0123456789abcdef]' } },
    ]);
    expect(analysis.sensitivity).toMatchObject({
      riskCategory: 'token_exposure',
      confidence: 1,
      entities: ['[API_KEY-0123456789abcdef]'],
    });
  });

  it('finds each topic of a long message', async () => {
    const text =
      'Our production pipeline has been dead for three hours. On top of that our release manager is stuck in a 2FA lockout loop. And I want to give our lead developer the permission to raise the budget.';
    const [first] = await commandsOf(text);
    expect(first).toMatchObject({ kind: 'digress', digression: 'question' });
    expect(first?.kind === 'digress' && new Set(first.topics)).toEqual(
      new Set(['ci_workers', 'account_security', 'enterprise']),
    );
  });
});

describe('the place in the conversation', () => {
  it('takes "yes" for the answer to what is asked', async () => {
    expect(await commandsOf('yes', awaiting('refund', 'sure'))).toEqual([
      { kind: 'set_slot', slot: 'sure', value: 'yes' },
    ]);
    expect(await commandsOf('yes', awaiting('reset_2fa', 'device_lost'))).toEqual([
      { kind: 'set_slot', slot: 'device_lost', value: 'yes' },
    ]);
    expect((await commandsOf('yes'))[0]?.kind).toBe('clarify');
  });

  it('takes free text for a reason, but not where somebody clearly stops', async () => {
    const asked = awaiting('refund', 'reason');
    const reason = 'My colleague cancelled the plan in May and nobody noticed that you went on charging.';
    expect(await commandsOf(reason, asked)).toEqual([{ kind: 'set_slot', slot: 'reason', value: reason }]);
    expect(await commandsOf('never mind, cancel that', asked)).toEqual([{ kind: 'cancel' }]);
  });

  it('takes a value of a filled slot for a correction', async () => {
    const correction = [{ kind: 'correct_slot', slot: 'invoice_id', value: 'INV-2001' }];
    expect(await commandsOf("no, it's INV-2001", awaiting('refund', 'amount'))).toEqual(correction);
    expect(await commandsOf("no, it's INV-2001", awaiting('refund', 'invoice_id'))).toEqual([
      { kind: 'set_slot', slot: 'invoice_id', value: 'INV-2001' },
    ]);
  });

  it('goes back to the paused flow that is named', async () => {
    const paused = { ...nowhere, paused: ['reset_2fa', 'refund'] };
    expect(await commandsOf('back to the refund', paused)).toEqual([{ kind: 'resume', flow: 'refund' }]);
    expect(await commandsOf("let's continue", paused)).toEqual([{ kind: 'resume', flow: null }]);
  });

  it('cancels before it starts something else', async () => {
    const commands = await commandsOf(
      'Cancel that. Please raise the CI budget of acme to 300',
      awaiting('refund', 'amount'),
    );
    expect(commands).toEqual([
      { kind: 'cancel' },
      { kind: 'start_flow', flow: 'raise_ci_budget', slots: { organisation: 'acme', new_limit: '300' } },
    ]);
  });
});

describe('any input', () => {
  it.each([
    ' ',
    '\u200b\u202e',
    '🎉',
    'x'.repeat(60_000),
    'no, '.repeat(15_000),
    '> '.repeat(30_000),
    '{invoice_id}',
    '[API_KEY-',
  ])('has a sensible outcome in bounded time (%#)', async (text) => {
    const startedAt = performance.now();
    expect((await commandsOf(text, awaiting('refund', 'invoice_id'))).length).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('names only what the playbook has, at any place', async () => {
    const words = fc.constantFrom(
      'refund',
      'no,',
      'cancel',
      'INV-1042',
      '49',
      'it is',
      'why',
      'budget',
      'not',
      'and',
      'back to',
      '[API_KEY-00]',
      '?',
      '.',
      'acme',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(words, { maxLength: 12 }).map((list) => list.join(' ')),
    );
    const steps = [...playbook.flows.values()].flatMap((flow) =>
      [...flow.slots.keys()].map((slot) => awaiting(flow.id, slot)),
    );
    const place = fc.constantFrom(nowhere, awaiting('refund', 'sure'), ...steps);
    await fc.assert(
      fc.asyncProperty(text, place, async (written, context) => {
        const { commands, analysis } = await understood(written, context);
        expect(commands.length).toBeGreaterThan(0);
        expect(commands.length).toBeLessThan(12);
        for (const command of commands) checkNames(command, context);
        for (const topic of analysis.topics)
          expect(topic === 'unknown' || playbook.agents.has(topic)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  function checkNames(command: Command, context: DialogueContext): void {
    if (command.kind === 'start_flow') {
      const flow = playbook.flows.get(command.flow);
      expect(flow?.isOffered).toBe(true);
      for (const slot of Object.keys(command.slots)) expect(flow?.slots.has(slot)).toBe(true);
    }
    if (command.kind === 'set_slot') {
      const isKnown = playbook.flows.get(context.flow ?? '')?.slots.has(command.slot) === true;
      expect(isKnown || command.slot === context.awaiting?.slot).toBe(true);
    }
    if (command.kind === 'clarify') {
      for (const option of command.options) expect(playbook.flows.get(option)?.isOffered).toBe(true);
    }
  }
});
