import { describe, expect, it } from 'vitest';
import type { Sop } from '#playbook/agent-spec';
import { createSopIndex } from './create-sop-index.ts';

function sopOf(id: string, title: string, keywords: readonly string[], topics = ['billing']): [string, Sop] {
  return [id, { id, title, topics, keywords, steps: [], text: 'Be kind. Say what you did.' }];
}

const index = createSopIndex(
  new Map([
    sopOf('duplicate', 'Refund a duplicate charge', ['charged twice', 'paid twice']),
    sopOf('vat', 'Invoice with a wrong VAT number', ['vat', 'tax number']),
    sopOf('pipeline', 'Pipeline dead', ['pipeline dead', 'stuck'], ['ci']),
  ]),
);
const billing = { id: 'billing', sops: [] };

describe('createSopIndex', () => {
  it.each([
    ['I was charged twice this month', 'duplicate'],
    ['we payed twice, please refund the duplicate', 'duplicate'],
    ['the VAT number on our invoice is wrong', 'vat'],
    [
      `Hello. ${'We are a company with many people and many projects. '.repeat(10)} We were charged twice.`,
      'duplicate',
    ],
  ])('finds for %j the SOP %s', (request, id) => {
    expect(index.find(request, billing)?.id).toBe(id);
  });

  it('finds none where nothing fits', () => {
    expect(index.find('please send me a birthday cake', billing)).toBeUndefined();
    expect(index.find('', billing)).toBeUndefined();
  });

  it('keeps to the topic of the agent, or to the SOPs that it names', () => {
    expect(index.find('the pipeline is dead', billing)).toBeUndefined();
    expect(index.find('the pipeline is dead', { id: 'billing', sops: ['pipeline'] })?.id).toBe('pipeline');
    expect(index.find('I was charged twice', { id: 'billing', sops: ['vat'] })).toBeUndefined();
  });
});
