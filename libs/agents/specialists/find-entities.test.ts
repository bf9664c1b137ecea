import { describe, expect, it } from 'vitest';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import { cpuMs } from '../../../tests/support/cpu-ms.ts';
import { findEntities } from './find-entities.ts';

const validators = createValidators();

describe('findEntities', () => {
  it.each([
    ['My username is dana and I am locked out', { username: ['dana'] }],
    ['account: ann-smith', { username: ['ann-smith'] }],
    ['ask @dana about it', { username: ['dana'] }],
    ['the pipeline of organisation acme is dead for 3 hours', { organisation: ['acme'] }],
    ['Our organization is called "acme-labs".', { organisation: ['acme-labs'] }],
    ['raise the limit to 800 please', { money: [800] }],
    ['it cost 49.50 EUR for INV-1042', { money: [49.5], invoice_id: ['INV-1042'] }],
    ['it leaked: [API_KEY-0123456789abcdef]', { fingerprint: ['0123456789abcdef'] }],
  ])('reads %j', (text, expected) => {
    expect(findEntities([text], validators)).toMatchObject(expected);
  });

  it.each([
    'My account is locked, and the 2FA codes of my new phone fail.',
    'I am the lead-developer of our organisation, which has 12 members',
    'Mail me at user@example.org or @ann:example.org',
    'The pipeline is dead for 3 hours since 10:30',
  ])('names nobody and no sum for %j', (text) => {
    const found = findEntities([text], validators);
    expect([found['username'], found['organisation'], found['money']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('looks into earlier messages only for what the newest does not name', () => {
    const found = findEntities(['it is INV-1042', 'INV-2000 of organisation acme'], validators);
    expect(found).toMatchObject({ invoice_id: ['INV-1042'], organisation: ['acme'] });
  });

  it('takes a bounded time and number, whatever the text', () => {
    for (const piece of ['user ', 'user is is ', 'to 1', 'INV-1 ', '@a', 'organisation: ', '1,']) {
      const began = cpuMs();
      const found = findEntities([piece.repeat(20_000)], validators);
      expect(cpuMs() - began).toBeLessThan(1_000);
      expect(Math.max(0, ...Object.values(found).map(({ length }) => length))).toBeLessThanOrEqual(10);
    }
  });
});
