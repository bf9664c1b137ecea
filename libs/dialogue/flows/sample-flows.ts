import type { FlowSpec, SlotSpec, Step } from '#playbook/flow-spec';
import { createDialogue } from './create-dialogue.ts';
import type { Advance, Dialogue, DialogueEvent } from './dialogue.ts';
import { createValidators } from './validators/create-validators.ts';

/** A slot whose question and reason name it. */
export function sampleSlot(name: string, type: string, changes: Partial<SlotSpec> = {}): SlotSpec {
  const words = { description: `The ${name}.`, ask: `Which ${name}?`, why: `Because of the ${name}.` };
  return { name, type, ...words, examples: [], ...changes };
}

/** A flow of these slots and steps. */
export function sampleFlow(id: string, slots: readonly SlotSpec[], steps: readonly Step[]): FlowSpec {
  const bySlot = new Map(slots.map((slot) => [slot.name, slot]));
  return { id, description: `Does ${id}.`, examples: [], slots: bySlot, steps, isOffered: true };
}

/** The flows with the real validators. */
export function sampleDialogue(...flows: readonly FlowSpec[]): Dialogue {
  return createDialogue({
    flows: new Map(flows.map((flow) => [flow.id, flow])),
    validators: createValidators(),
  });
}

/** What was said and asked, in order. */
export function textsOf({ events }: Advance): string[] {
  return events.flatMap((event) => ('text' in event ? [event.text] : []));
}

/** What happened to flows, in order, e.g. `started refund`. */
export function changesOf({ events }: Advance): string[] {
  const isChange = (event: DialogueEvent): boolean => event.kind !== 'said' && event.kind !== 'asked';
  return events.filter(isChange).map(({ kind, flow }) => `${kind} ${flow}`);
}

/** Collects an invoice and an amount, looks the invoice up, asks whether it is sure, and pays once a reviewer agrees. */
export const refund: FlowSpec = sampleFlow(
  'refund',
  [sampleSlot('invoice_id', 'invoice_id'), sampleSlot('amount', 'money'), sampleSlot('comment', 'text')],
  [
    { id: 'collect', kind: 'collect', slots: ['invoice_id', 'amount'], next: 'look_up' },
    {
      id: 'look_up',
      kind: 'action',
      tool: 'find_invoice',
      with: { invoice_id: '{invoice_id}' },
      save: 'invoice',
      onFailure: 'not_found',
      next: 'refundable',
    },
    {
      id: 'refundable',
      kind: 'branch',
      cases: [{ when: { value: 'invoice.refundable', is: true }, goto: 'sure' }],
      otherwise: 'too_late',
      next: 'sure',
    },
    { id: 'sure', kind: 'confirm', ask: 'Refund {amount} of {invoice_id}?', no: undefined, next: 'pay' },
    {
      id: 'pay',
      kind: 'approval',
      tool: 'refund_invoice',
      with: { invoice_id: '{invoice_id}', amount: '{amount}' },
      save: 'refund',
      onFailure: undefined,
      next: 'paid',
    },
    { id: 'paid', kind: 'say', text: 'Refunded {amount}: {refund.number}.', next: 'comment' },
    { id: 'comment', kind: 'collect', slots: ['comment'], next: undefined },
    { id: 'not_found', kind: 'say', text: 'No invoice {invoice_id}: {failure}', next: undefined },
    { id: 'too_late', kind: 'say', text: 'Too late for {invoice_id}.', next: undefined },
  ],
);

/** Asks for one name and greets it. */
export const greet: FlowSpec = sampleFlow(
  'greet',
  [sampleSlot('username', 'username')],
  [
    { id: 'collect', kind: 'collect', slots: ['username'], next: 'hello' },
    { id: 'hello', kind: 'say', text: 'Hello {username}.', next: undefined },
  ],
);
