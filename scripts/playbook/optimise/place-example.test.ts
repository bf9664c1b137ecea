import { describe, expect, it } from 'vitest';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import { contextOfItem } from '#dialogue/understanding/context-of-item';
import { parsePlaybook } from '#playbook/parse-playbook';
import { sampleFiles, sampleOptions } from '#playbook/sample-files';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import type { LabelledCase } from './labelled-case.ts';
import { placeExample } from './place-example.ts';

const flow = `description: Sets a limit.
slots:
  name: { type: username, description: Who., ask: Who? }
  limit: { type: money, description: How much., ask: How much? }
  again: { type: boolean, description: Whether., ask: Again? }
steps:
  - collect: [name, limit, again]
  - { id: sure, confirm: "Sure?" }
`;
const playbook = parsePlaybook(sampleFiles({ 'flows/limits.yaml': flow }), {
  reviewers: sampleOptions.reviewers,
});
const deps = { playbook, validators: createValidators() };

function placesOf(item: LabelledMessage, got = {}) {
  const one: LabelledCase = {
    origin: 'a:1',
    dialogue: undefined,
    item,
    text: item.text,
    isPersonal: false,
    expect: item.expect,
    context: contextOfItem(item, playbook.flows),
    history: [],
  };
  return placeExample(one, got, deps).map(({ file, path, text }) => `${file} ${path.join('.')}: ${text}`);
}

const talk = 'understanding/talk.yaml';
const start = (text: string, more = {}): LabelledMessage => ({
  text,
  expect: { command: 'start_flow', flow: 'limits', ...more },
});
const answer = (slot: string, text: string, value?: string | boolean): LabelledMessage => ({
  text,
  awaiting: { flow: 'limits', slot },
  expect: { command: 'set_slot', slot, ...(value !== undefined && { value }) },
});

describe('placeExample', () => {
  it.each<[string, LabelledMessage, string]>([
    ['a flow', start('set it for me'), 'flows/limits.yaml examples: set it for me'],
    [
      'a flow, its values masked',
      start('set it to 49 EUR now'),
      'flows/limits.yaml examples: set it to {limit} now',
    ],
    [
      'a flow, the labelled value masked',
      start('set it for kim', { slot: 'name', value: 'Kim' }),
      'flows/limits.yaml examples: set it for {name}',
    ],
    ['an answer', answer('name', 'it is kim', 'kim'), 'flows/limits.yaml slots.name.examples: it is {name}'],
    [
      'an answer for yes',
      answer('again', 'sure thing', 'yes'),
      'flows/limits.yaml slots.again.examples: sure thing => yes',
    ],
    [
      'an answer that says no',
      answer('again', 'not at all', false),
      'flows/limits.yaml slots.again.examples: not at all => no',
    ],
    ['a confirmation', answer('sure', 'go for it', 'yes'), `${talk} affirm: go for it`],
    ['a refusal', answer('sure', 'rather not', 'no'), `${talk} deny: rather not`],
    [
      'a correction',
      { text: 'no, kim', expect: { command: 'correct_slot', slot: 'name', value: 'kim' } },
      `${talk} correct: no, {slot}`,
    ],
    [
      'a question',
      { text: 'why so', expect: { command: 'digress', digression: 'why' } },
      `${talk} why: why so`,
    ],
    [
      'a question for an agent',
      { text: 'when', expect: { command: 'digress', digression: 'question', topic: 'billing' } },
      'agents/billing.yaml examples: when',
    ],
    [
      'a question for nobody',
      { text: 'when', expect: { command: 'digress', digression: 'question', topics: ['unknown'] } },
      `${talk} unknown: when`,
    ],
    ['what is vague', { text: 'hm', expect: { command: 'clarify' } }, `${talk} vague: hm`],
    ['a person', { text: 'somebody', expect: { command: 'hand_off' } }, `${talk} hand_off: somebody`],
  ])('makes an example of %s', (_, item, expected) => {
    expect(placesOf(item)).toEqual([expected]);
  });

  it.each<[string, LabelledMessage]>([
    [
      'a question whose agent is not labelled',
      { text: 'when', expect: { command: 'digress', digression: 'question' } },
    ],
    ['chat, which is of three kinds', { text: 'hey', expect: { command: 'chat' } }],
    ['an answer that is the value alone', answer('name', 'kim', 'kim')],
    ['an answer whose value is not in it', answer('name', 'me', 'kim')],
    ['a value within a word', answer('name', 'kimono', 'kim')],
    ['braces, which mean slots', start('set {it}')],
    ['an arrow, which means a value', start('a => b')],
    [
      'a flow that nobody starts by words',
      { text: 'rate', expect: { command: 'start_flow', flow: 'feedback' } },
    ],
  ])('makes none of %s', (_, item) => {
    expect(placesOf(item)).toEqual([]);
  });

  it('teaches a risk alone where all else is understood', () => {
    const item = start('set it or I sue', { risk: 'legal_threat' });
    const got = { command: 'start_flow', flow: 'limits', risk: 'none' };
    const risk = 'understanding/analysis.yaml risks.legal_threat: set it or I sue';
    expect(placesOf(item, got)).toEqual([risk]);
    expect(placesOf(item, { ...got, flow: 'refund' })).toEqual([
      'flows/limits.yaml examples: set it or I sue',
      risk,
    ]);
  });
});
