import { describe, expect, it } from 'vitest';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { FlowSpec } from '#playbook/flow-spec';
import { createMask } from './mask-values.ts';

const slot = (name: string, type: string) => ({
  name,
  type,
  description: '',
  ask: '',
  why: undefined,
  examples: [],
});
const flow: FlowSpec = {
  id: 'refund',
  description: '',
  examples: [],
  slots: new Map([
    ['invoice_id', slot('invoice_id', 'invoice_id')],
    ['amount', slot('amount', 'money')],
  ]),
  steps: [],
  isOffered: true,
};
const { values } = createMask({ flows: new Map([[flow.id, flow]]) }, createValidators());

describe('createMask', () => {
  it('puts what stands for their kind in the place of values', () => {
    expect(values('refund INV-1042 49 EUR, see https://a.example/x').replaceAll(/ +/g, ' ')).toBe(
      'refund {invoice_id} {number} , see {link} ',
    );
  });

  it('looks for values in the beginning of a long text alone', () => {
    const numbers = Array.from({ length: 50_000 }, (_, index) => index).join(' ');
    expect(values(numbers).length).toBeLessThan(10_000);
  });
});
