import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runAction } from '#agents/actions/run-action';
import { createTools } from '#agents/tools/create-tools';
import { createToolRegistry } from '#agents/tools/tool-registry';
import { createDemoForgeDesk } from './create-demo-forge-desk.ts';

const { signal } = new AbortController();

function openDesk() {
  const desk = createDemoForgeDesk({ now: () => new Date('2026-11-21T12:00:00Z') });
  const registry = createToolRegistry(createTools({ recordsUrl: undefined, desk }));
  const run = (name: string, args: object, idempotencyKey: string = randomUUID()) => {
    const checked = registry.check(name, args);
    if (!checked.ok) throw new Error(`${name} refused ${JSON.stringify(checked)}`);
    return runAction({ tool: checked.tool, args: checked.action.args, idempotencyKey, signal });
  };
  return { registry, run };
}

describe('createDeskTools', () => {
  it.each([
    [
      'find_invoice',
      { invoice_id: 'inv-1042' },
      { amount: 49, state: 'paid', refundable: true, paid_at: '2026-11-16' },
    ],
    ['find_invoice', { invoice_id: 'INV-2001' }, { amount: 200, state: 'paid', refundable: false }],
    ['find_account', { username: '@Dana' }, { username: 'dana', two_factor: true, locked: true }],
    ['find_account', { username: 'lead-dev' }, { username: 'lead-dev', locked: false }],
    ['find_organisation', { organisation: 'acme' }, { ci_limit: 500, ci_used: 500 }],
    [
      'read_pipeline',
      { organisation: 'acme' },
      { state: 'failing', failing_since: '2026-11-21T09:00:00.000Z' },
    ],
    ['read_pipeline', { organisation: 'halcyon' }, { state: 'passing', failing_since: null }],
    ['check_ip_reputation', { subject: 'sam' }, { suspicious: true }],
    [
      'revoke_token',
      { fingerprint: '[API_KEY-9F86D081884C7D65]' },
      { fingerprint: '9f86d081884c7d65', revoked: true },
    ],
    ['revoke_token', { fingerprint: '0000000000000000' }, { revoked: false }],
    ['record_feedback', { solved: true }, { solved: true }],
  ])('%s of %j says what the demonstration knows', async (name, args, data) => {
    const result = await openDesk().run(name, args);
    expect(result).toMatchObject({ status: 'done', data });
    expect(result.text).not.toBe('');
  });

  it.each([
    ['find_invoice', { invoice_id: 'INV-9999' }],
    ['find_account', { username: 'nobody' }],
    ['find_organisation', { organisation: 'nowhere' }],
    ['read_pipeline', { organisation: 'nowhere' }],
    ['refund_invoice', { invoice_id: 'INV-2001', amount: '200 EUR', reason: 'x' }],
    ['refund_invoice', { invoice_id: 'INV-1042', amount: '50 EUR', reason: 'x' }],
    ['refund_invoice', { invoice_id: 'INV-1042', amount: '$49', reason: 'x' }],
    ['raise_ci_budget', { organisation: 'acme', new_limit: 500 }],
    ['reset_two_factor', { username: 'ghost', device_lost: false }],
    ['grant_budget_permission', { organisation: 'acme', username: 'nobody' }],
  ])('%s of %j fails, changes nothing and says why', async (name, args) => {
    const result = await openDesk().run(name, args);
    expect(result.status).toBe('failed');
    expect(result.text).toMatch(/^(There is no|Nothing was changed)/);
  });

  it('shows a refund afterwards, and does not pay twice', async () => {
    const { run } = openDesk();
    const refund = { invoice_id: 'INV-1042', amount: 49, reason: 'charged twice' };
    const first = await run('refund_invoice', refund, 'a:0');
    expect(first).toMatchObject({ status: 'done', text: 'Invoice **INV-1042**: 49 EUR given back.' });
    expect(await run('refund_invoice', refund, 'a:0')).toEqual(first);
    expect(await run('refund_invoice', refund, 'b:0')).toMatchObject({ status: 'failed' });
    expect(await run('find_invoice', { invoice_id: 'INV-1042' })).toMatchObject({
      data: { state: 'refunded', refundable: false },
    });
  });

  it('lets the pipelines of acme run once its budget is raised', async () => {
    const { run } = openDesk();
    await run('raise_ci_budget', { organisation: 'ACME', new_limit: 800 });
    expect(await run('find_organisation', { organisation: 'acme' })).toMatchObject({
      data: { ci_limit: 800 },
    });
    expect(await run('read_pipeline', { organisation: 'acme' })).toMatchObject({
      data: { state: 'passing' },
    });
  });

  it('unlocks dana, and the audit log tells', async () => {
    const { run } = openDesk();
    await run('reset_two_factor', { username: 'dana', device_lost: true });
    expect(await run('find_account', { username: 'dana' })).toMatchObject({
      data: { locked: false, two_factor: false },
    });
    const log = await run('read_audit_log', { subject: 'dana' });
    expect(log.text).toContain('`two_factor_reset` by `support`');
    expect(log.text).toContain('`sessions_signed_out`');
    expect(log.text).toContain('`two_factor_failed` by `dana`');
  });

  it('gives the same data for any other name each time', async () => {
    for (const n of [7, 815, 3310, 77_810]) {
      const args = { invoice_id: `INV-${n}` };
      expect(await openDesk().run('find_invoice', args)).toEqual(await openDesk().run('find_invoice', args));
    }
  });

  it.each([
    ['find_invoice', { invoice_id: 'inv-1042' }],
    ['find_account', { username: ' @Marta.K ' }],
    ['revoke_token', { fingerprint: '[API_KEY-9f86d081884c7d65]' }],
    ['read_audit_log', { subject: '[API_KEY-9f86d081884c7d65]' }],
    ['record_feedback', { solved: false }],
    ['refund_invoice', { invoice_id: 'INV-1', amount: { amount: 12.5, currency: 'EUR' }, reason: 'x' }],
    ['refund_invoice', { invoice_id: 'INV-1', amount: 49, reason: 'x' }],
  ])('reads the arguments of %s in one way, so that what was approved is what runs', (name, args) => {
    const { registry } = openDesk();
    const first = registry.check(name, args);
    if (!first.ok) throw new Error('refused');
    expect(registry.check(name, first.action.args)).toMatchObject({ ok: true, action: first.action });
  });

  it.each([
    ['find_invoice', { invoice_id: '1042; drop table' }],
    ['find_account', { username: '../etc/passwd' }],
    ['find_organisation', { organisation: 'a b' }],
    ['revoke_token', { fingerprint: 'fb_live_secret' }],
    ['refund_invoice', { invoice_id: 'INV-1042', amount: '-49 EUR', reason: 'x' }],
    ['refund_invoice', { invoice_id: 'INV-1042', amount: 'all of it', reason: 'x' }],
    ['refund_invoice', { invoice_id: 'INV-1042', amount: 1.234, reason: 'x' }],
    ['refund_invoice', { invoice_id: 'INV-1042', amount: { amount: 0.049, currency: 'EUR' }, reason: 'x' }],
    ['raise_ci_budget', { organisation: 'acme', new_limit: '800' }],
    ['reset_two_factor', { username: 'dana', device_lost: 'yes' }],
  ])('%s refuses %j', (name, args) => {
    expect(openDesk().registry.check(name, args)).toMatchObject({ ok: false, reason: 'bad_arguments' });
  });

  it('describes the arguments of every tool as JSON Schema', () => {
    for (const { schema } of openDesk().registry.descriptions()) {
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });
});
