import { demoNumber } from './demo-number.ts';
import type { Account, AuditEvent, Invoice, Organisation } from './forge-desk.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** For how long a paid invoice is given back: the knowledge about refunds says so. */
const refundDays = 30;

interface KnownInvoice {
  readonly amount: number;
  readonly daysAgo: number;
}

/** Those that documentation and dialogues speak of. */
const knownInvoices = new Map<string, KnownInvoice | undefined>([
  ['INV-1001', { amount: 19, daysAgo: 12 }],
  ['INV-1042', { amount: 49, daysAgo: 5 }],
  ['INV-1043', { amount: 120, daysAgo: 8 }],
  ['INV-2001', { amount: 200, daysAgo: 120 }],
  ['INV-9999', undefined],
]);
const unknownAccounts = new Set(['nobody', 'ghost']);
const lockedAccounts = new Set(['dana']);
/** Sign-ins from an address of bad reputation. */
const takenOverAccounts = new Set(['sam']);
const unknownOrganisations = new Set(['nowhere', 'no-such-org']);
const acmeOwners = ['ann', 'dana', 'you'];
const prices = [9, 19, 49, 99, 120, 200, 490];

/** A made-up invoice: any number but INV-9999 is one, and seven of ten can be refunded. */
export function demoInvoice(id: string, at: Date): Invoice | undefined {
  const isKnown = knownInvoices.has(id);
  const known = knownInvoices.get(id);
  if (isKnown && known === undefined) return undefined;
  const base = {
    invoice_id: id,
    amount: known?.amount ?? prices[demoNumber(prices.length, 'price', id)] ?? 9,
  };
  const kind = isKnown ? 0 : demoNumber(10, 'state', id);
  if (kind === 9) return { ...base, currency: 'EUR', state: 'open', refundable: false, paid_at: null };
  const daysAgo =
    known?.daysAgo ?? (kind < 7 ? 1 + demoNumber(refundDays, 'age', id) : 31 + demoNumber(300, 'age', id));
  const paidAt = new Date(at.getTime() - daysAgo * dayMs).toISOString().slice(0, 10);
  return { ...base, currency: 'EUR', state: 'paid', refundable: daysAgo <= refundDays, paid_at: paidAt };
}

/** A made-up account; `dana` is caught in the loop of a second factor. */
export function demoAccount(username: string, at: Date): Account | undefined {
  if (unknownAccounts.has(username)) return undefined;
  const minutes = 5 + demoNumber(4_000, 'login', username);
  return {
    username,
    two_factor: lockedAccounts.has(username) || demoNumber(10, 'two-factor', username) > 0,
    locked: lockedAccounts.has(username),
    last_login: new Date(at.getTime() - minutes * 60_000).toISOString(),
  };
}

/** A made-up organisation; `acme` has used up its budget. */
export function demoOrganisation(name: string): Organisation | undefined {
  if (unknownOrganisations.has(name)) return undefined;
  if (name === 'acme') return { organisation: name, ci_limit: 500, ci_used: 500, owners: acmeOwners };
  const limit = 100 * (1 + demoNumber(20, 'limit', name));
  const used = Math.floor((limit * demoNumber(95, 'used', name)) / 100);
  return { organisation: name, ci_limit: limit, ci_used: used, owners: [`${name}-owner`] };
}

/** Since when the pipelines of an organisation that has used up its budget stand still. */
export function demoFailingSince(name: string, at: Date): Date {
  const hours = name === 'acme' ? 3 : 1 + demoNumber(5, 'failing', name);
  return new Date(at.getTime() - hours * hourMs);
}

/** Addresses of the blocks that are set aside for documentation (RFC 5737). */
export function demoAddresses(subject: string): readonly string[] {
  const usual = `192.0.2.${1 + demoNumber(250, 'address', subject)}`;
  return isSuspicious(subject) ? [usual, `203.0.113.${1 + demoNumber(250, 'foreign', subject)}`] : [usual];
}

export function isSuspicious(subject: string): boolean {
  return takenOverAccounts.has(subject);
}

/** What happened before this process began; newest first. */
export function demoEvents(subject: string, at: Date): AuditEvent[] {
  const ago = (minutes: number): string => new Date(at.getTime() - minutes * 60_000).toISOString();
  const [usual = null, foreign = null] = demoAddresses(subject);
  const signIn: AuditEvent = { at: ago(1_500), actor: subject, action: 'signed_in', address: usual };
  if (lockedAccounts.has(subject)) {
    const failed = [4, 19, 34, 49].map((minutes) => ({
      at: ago(minutes),
      actor: subject,
      action: 'two_factor_failed',
      address: usual,
    }));
    return [{ at: ago(3), actor: 'system', action: 'account_locked', address: null }, ...failed, signIn];
  }
  if (isSuspicious(subject)) {
    return [
      { at: ago(40), actor: subject, action: 'ssh_key_added', address: foreign },
      { at: ago(42), actor: subject, action: 'signed_in', address: foreign },
      signIn,
    ];
  }
  if (subject === 'acme') {
    return [{ at: ago(180), actor: 'system', action: 'ci_budget_used_up', address: null }, signIn];
  }
  return [signIn];
}
