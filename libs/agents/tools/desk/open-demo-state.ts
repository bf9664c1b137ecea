import { LRUCache } from 'lru-cache';
import { demoAccount, demoEvents, demoInvoice, demoOrganisation } from './demo-data.ts';
import type { Account, AuditEvent, Invoice, Organisation } from './forge-desk.ts';

/** What is changed, kept by name; what was never changed is made up. */
interface Changed<T> {
  get(name: string): T | undefined;
  set(name: string, value: T): void;
}

export interface DemoState {
  readonly began: Date;
  readonly invoices: Changed<Invoice>;
  readonly accounts: Changed<Account>;
  readonly organisations: Changed<Organisation>;
  /** Newest first. */
  events(subject: string): readonly AuditEvent[];
  record(subject: string, action: string): void;
  /**
   * Makes a change unless this key has made one, and then answers as it did. A declined change is not remembered: it
   * may be made once what stood against it has changed.
   */
  once<T extends object>(method: string, idempotencyKey: string, change: () => T): T;
}

/** Of each kind: what is older is as if it had never changed. */
const mostChanges = 10_000;
const mostEvents = 20;

export function openDemoState(now: () => Date): DemoState {
  const began = now();
  const events = new LRUCache<string, AuditEvent[]>({ max: mostChanges });
  const answers = new LRUCache<string, object>({ max: mostChanges });
  return {
    began,
    invoices: changed((id) => demoInvoice(id, began)),
    accounts: changed((name) => demoAccount(name, began)),
    organisations: changed(demoOrganisation),
    events: (subject) => [...(events.get(subject) ?? []), ...demoEvents(subject, began)].slice(0, mostEvents),
    record: (subject, action) => {
      const event = { at: now().toISOString(), actor: 'support', action, address: null };
      events.set(subject, [event, ...(events.get(subject) ?? [])].slice(0, mostEvents));
    },
    once: <T extends object>(method: string, idempotencyKey: string, change: () => T): T => {
      const key = `${method}:${idempotencyKey}`;
      const before = answers.get(key);
      // Each method keeps answers of one shape, and the key holds its name.
      if (before !== undefined) return before as T;
      const answer = change();
      if (!('declined' in answer)) answers.set(key, answer);
      return answer;
    },
  };
}

function changed<T extends object>(original: (name: string) => T | undefined): Changed<T> {
  const values = new LRUCache<string, T>({ max: mostChanges });
  return {
    get: (name) => values.get(name) ?? original(name),
    set: (name, value) => void values.set(name, value),
  };
}
