import type { Declined, ForgeDesk, Invoice } from './forge-desk.ts';
import type { DemoState } from './open-demo-state.ts';

type Changes = Pick<
  ForgeDesk,
  | 'revokeToken'
  | 'recordFeedback'
  | 'refundInvoice'
  | 'raiseCiBudget'
  | 'grantBudgetPermission'
  | 'resetTwoFactor'
>;

/** The one fingerprint that belongs to no token. */
const unknownFingerprint = '0'.repeat(16);

/** The half of the demonstration that changes something; each change is made before the promise is returned. */
export function createDemoChanges(state: DemoState): Changes {
  const { invoices, accounts, organisations, record, once } = state;
  return {
    revokeToken: async (fingerprint, { idempotencyKey }) =>
      once('revoke', idempotencyKey, () => {
        const revoked = fingerprint !== unknownFingerprint;
        if (revoked) record(fingerprint, 'token_revoked');
        return { revoked };
      }).revoked,
    recordFeedback: async ({ solved }, { idempotencyKey }) => {
      once('feedback', idempotencyKey, () => {
        record('feedback', solved ? 'reported_solved' : 'reported_unsolved');
        return {};
      });
    },
    refundInvoice: async ({ invoice, amount, currency }, { idempotencyKey }) =>
      once('refund', idempotencyKey, () => {
        const found = invoices.get(invoice);
        if (found === undefined) return decline('there is no such invoice');
        const why = whyNotRefunded(found, amount, currency);
        if (why !== undefined) return decline(why);
        const refunded: Invoice = { ...found, state: 'refunded', refundable: false };
        invoices.set(invoice, refunded);
        record(invoice.toLowerCase(), 'invoice_refunded');
        return refunded;
      }),
    raiseCiBudget: async ({ organisation, limit }, { idempotencyKey }) =>
      once('raise', idempotencyKey, () => {
        const found = organisations.get(organisation);
        if (found === undefined) return decline('there is no such organisation');
        if (limit <= found.ci_limit) return decline(`its limit is ${found.ci_limit} already`);
        const raised = { ...found, ci_limit: limit };
        organisations.set(organisation, raised);
        record(organisation, 'ci_budget_raised');
        return raised;
      }),
    grantBudgetPermission: async ({ organisation, username }, { idempotencyKey }) =>
      once('grant', idempotencyKey, () => {
        if (organisations.get(organisation) === undefined) return decline('there is no such organisation');
        if (accounts.get(username) === undefined) return decline('there is no such account');
        record(organisation, 'budget_permission_granted');
        record(username, 'budget_permission_granted');
        return { granted: true as const };
      }),
    resetTwoFactor: async ({ username, deviceLost }, { idempotencyKey }) =>
      once('reset', idempotencyKey, () => {
        const found = accounts.get(username);
        if (found === undefined) return decline('there is no such account');
        const reset = { ...found, two_factor: false, locked: false };
        accounts.set(username, reset);
        record(username, 'two_factor_reset');
        if (deviceLost) record(username, 'sessions_signed_out');
        return reset;
      }),
  };
}

function decline(declined: string): Declined {
  return { declined };
}

function whyNotRefunded(found: Invoice, amount: number, currency: string | undefined): string | undefined {
  if (found.state === 'refunded') return 'it was refunded before';
  if (!found.refundable) return 'it was not paid, or the time for refunds is over';
  if (currency !== undefined && currency !== found.currency) return `it was paid in ${found.currency}`;
  if (amount > found.amount) return `only ${found.amount} ${found.currency} were paid`;
  return undefined;
}
