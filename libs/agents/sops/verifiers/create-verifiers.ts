import type { Verifier } from '#agents/sops/verifier';
import { accountVerifiers } from './accounts.ts';
import { invoiceVerifiers } from './invoices.ts';
import { organisationVerifiers } from './organisations.ts';
import { tokenVerifiers } from './tokens.ts';

/** Every verifier that is registered in code, by the name that SOPs write. */
export function createVerifiers(): ReadonlyMap<string, Verifier> {
  const all = [...invoiceVerifiers, ...accountVerifiers, ...organisationVerifiers, ...tokenVerifiers];
  return new Map(all.map((verifier) => [verifier.name, verifier]));
}
