import { describe, expect, it } from 'vitest';
import type { Evidence, Verdict } from '#agents/sops/verifier';
import type { Json } from '#contract/canonical-json';
import { createVerifiers } from './create-verifiers.ts';

const verifiers = createVerifiers();

function judge(name: string, data: Json, more: Partial<Evidence> = {}): Verdict {
  const verifier = verifiers.get(name);
  if (verifier === undefined) throw new Error(`There is no ${name}`);
  return verifier.verify({ data, args: {}, results: {}, entities: {}, requester: undefined, ...more });
}

const invoice = { invoice_id: 'INV-1042', amount: 49, state: 'paid', refundable: true };
const account = { username: 'dana', two_factor: true, locked: false };
const acme = { organisation: 'acme', owners: ['ann', 'dana'] };

describe('createVerifiers', () => {
  it.each<[string, Json, Partial<Evidence>?]>([
    ['invoice_found', invoice, { args: { invoice_id: 'inv-1042' } }],
    ['invoice_refundable', invoice],
    ['account_found', account, { args: { username: '@Dana' } }],
    ['permission_safe', account],
    ['permission_safe', { events: [{ actor: 'system', action: 'account_unlocked' }] }],
    ['organisation_found', acme, { args: { organisation: 'Acme' } }],
    ['pipeline_read', { organisation: 'acme', state: 'failing' }],
    ['token_revoked', { fingerprint: '0123456789abcdef', revoked: true }],
  ])('%s passes for %j', (name, data, more) => {
    expect(judge(name, data, more)).toEqual({ hasPassed: true });
  });

  it.each<[string, Json, Partial<Evidence>?]>([
    ['invoice_found', invoice, { args: { invoice_id: 'INV-1043' } }],
    ['invoice_refundable', { ...invoice, state: 'refunded' }],
    ['invoice_refundable', { ...invoice, state: 'open' }],
    ['invoice_refundable', { ...invoice, refundable: false }],
    ['invoice_refundable', { ...invoice, amount: 0 }],
    ['account_found', account, { args: { username: 'dan' } }],
    ['permission_safe', { ...account, locked: true }],
    ['permission_safe', { ...account, two_factor: false }],
    ['permission_safe', { events: [{ actor: 'dana', action: 'two_factor_failed' }] }],
    ['organisation_found', acme, { args: { organisation: 'acme-labs' } }],
    ['owner_confirmed', acme, { requester: '@mallory:example.org' }],
    ['owner_confirmed', acme],
    ['owner_confirmed', { organisation: 'acme', owners: [] }, { requester: '@ann:example.org' }],
    ['pipeline_read', { organisation: 'acme', state: '' }],
    ['token_revoked', { fingerprint: '0123456789abcdef', revoked: false }],
  ])('%s does not pass for %j, and says why', (name, data, more) => {
    expect(judge(name, data, more)).toEqual({ hasPassed: false, why: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  it('shows reviewers by whose name an owner was recognised', () => {
    expect(judge('owner_confirmed', acme, { requester: '@ann:elsewhere.example' })).toEqual({
      hasPassed: true,
      note: expect.stringContaining('@ann:elsewhere.example'),
    });
    expect(judge('owner_confirmed', acme, { entities: { username: ['dana'] } })).toEqual({
      hasPassed: true,
      note: expect.stringContaining('not proven'),
    });
  });

  it('lets nothing pass whose data is of another shape', () => {
    const shapes: readonly Json[] = [null, [], 'yes', { hasPassed: true }, { revoked: 'true' }];
    for (const name of verifiers.keys()) {
      for (const data of shapes) {
        expect(judge(name, data)).toMatchObject({ hasPassed: false });
      }
    }
  });
});
