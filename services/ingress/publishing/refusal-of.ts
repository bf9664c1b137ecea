import type { PiiKind } from '#playbook/policies';

const names: Readonly<Record<PiiKind, string>> = {
  email: 'an email address',
  phone: 'a phone number',
  card: 'a card number',
  iban: 'a bank account number',
  ip: 'an IP address',
  api_key: 'a password or key',
};

/** What somebody is told whose message holds what the playbook blocks. */
export function refusalOf(kinds: readonly PiiKind[]): string {
  const found = kinds.map((kind) => names[kind]).join(' and ');
  return `Your message was not taken, and nothing of it was kept: it seems to contain ${found}. Please delete it, and send it again without.`;
}
