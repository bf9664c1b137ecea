import { createHmac } from 'node:crypto';
import type { PiiKind } from '#playbook/policies';

/** Crockford's base 32: no I, L, O, U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const names = 'EMAIL|PHONE|CARD|IBAN|IP|API_KEY';

/** Everything that a strategy leaves in a text. */
export const placeholders = new RegExp(
  `\\[(?:${names})(?:-[0-9A-HJKMNP-TV-Z]{8}|-[0-9a-f]{16}| …[^\\s\\[\\]]{1,4})?\\]`,
  'gu',
);
/** Those that stand for a value that can be put back. */
export const restorable = new RegExp(`\\[(${names})-([0-9A-HJKMNP-TV-Z]{8})\\]`, 'gu');

const valueSigns = 6;

/**
 * `[EMAIL-7F3K2Q9D]`: six signs say which value of the session, two prove that we made it for this session, so that
 * one which somebody typed or copied from elsewhere is known for what it is.
 */
export function tokenOf(key: Buffer, session: string, kind: PiiKind, value: string): string {
  const id = encode(hmac(key, ['value', session, kind, value]), valueSigns);
  return `[${kind.toUpperCase()}-${id}${proofOf(key, session, kind.toUpperCase(), id)}]`;
}

/** Whether we have made the placeholder of this name and these eight signs for this session. */
export function isOurs(key: Buffer, session: string, name: string, signs: string): boolean {
  return signs.slice(valueSigns) === proofOf(key, session, name, signs.slice(0, valueSigns));
}

function proofOf(key: Buffer, session: string, name: string, id: string): string {
  return encode(hmac(key, ['proof', session, name, id]), 2);
}

function hmac(key: Buffer, parts: readonly string[]): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest();
}

function encode(hash: Buffer, length: number): string {
  return Array.from(hash.subarray(0, length), (byte) => alphabet.charAt(byte % 32)).join('');
}
