import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** A key of `PAYLOAD_KEY`, by whose id it is found. */
export interface SigningKey {
  readonly id: string;
  readonly bytes: Buffer;
}

export type SignatureCheck =
  | { readonly ok: true }
  /** Signed under a key that is not ours: left for a process that has it. */
  | { readonly ok: false; readonly problem: 'unknown'; readonly reason: string }
  /** Written, changed or moved by somebody who does not have the key. */
  | { readonly ok: false; readonly problem: 'forged'; readonly reason: string };

export interface Signatures {
  /** The fields with their signature behind them. */
  sign(streamKey: string, fields: readonly string[]): string[];
  check(streamKey: string, fields: readonly string[]): SignatureCheck;
}

/** The field that holds the signature, behind those that it covers. */
export const signatureField = 'sig';

const mark = 'hs1';
const digestBytes = 32;

/**
 * Signatures of entries, for streams that others may write to: HMAC-SHA-256 over the key of the stream (thus over the
 * prefix, the partition and the stream's name) and every field in its stored form, but not over the entry's id, so that
 * a dead letter can be replayed. An entry that was changed, renamed, or copied to another stream or system fails.
 * `hs1.<key id>.<base64url>`; the keys are derived by HKDF (RFC 5869), so that none serves two purposes.
 *
 * @param keys the first signs, all check.
 */
export function createSignatures(
  keys: readonly [SigningKey, ...SigningKey[]],
  options: { readonly isUnsignedAccepted: boolean },
): Signatures {
  const ring = new Map(keys.map((key) => [key.id, derive(key)]));
  const [{ id }] = keys;
  const signing = derive(keys[0]);
  return {
    sign: (streamKey, fields) => {
      const digest = digestOf(signing, streamKey, fields).toString('base64url');
      return [...fields, signatureField, `${mark}.${id}.${digest}`];
    },
    check: (streamKey, fields) => {
      const given = split(fields);
      if (given.signature === undefined) {
        return options.isUnsignedAccepted ? { ok: true } : forged('is missing');
      }
      const [version, keyId = '', digest = '', ...rest] = given.signature.split('.');
      if (version !== mark || rest.length > 0) return forged('is not one of ours');
      const key = ring.get(keyId);
      if (key === undefined) {
        const reason = `signature of key ${keyId.slice(0, 16)}, which PAYLOAD_KEY does not hold`;
        return { ok: false, problem: 'unknown', reason };
      }
      const expected = digestOf(key, streamKey, given.others);
      const bytes = Buffer.from(digest, 'base64url');
      const isRight = bytes.length === digestBytes && timingSafeEqual(bytes, expected);
      return isRight ? { ok: true } : forged('does not fit: the entry was changed, moved or made up');
    },
  };
}

function derive({ bytes }: SigningKey): KeyObject {
  const derived = hkdfSync('sha256', bytes, '', 'vagent entry signature', digestBytes);
  return createSecretKey(Buffer.from(derived));
}

/** Lengths stand before texts, so that no two different entries are written the same. */
function digestOf(key: KeyObject, streamKey: string, fields: readonly string[]): Buffer {
  let text = `${streamKey.length}:${streamKey}`;
  for (const part of fields) text += `,${part.length}:${part}`;
  return createHmac('sha256', key).update(text).digest();
}

/** The last signature; with two of them the first one is signed over, and does not fit. */
function split(fields: readonly string[]): { signature: string | undefined; others: readonly string[] } {
  for (let at = fields.length - 2; at >= 0; at -= 2) {
    if (fields[at] !== signatureField) continue;
    return { signature: fields[at + 1] ?? '', others: [...fields.slice(0, at), ...fields.slice(at + 2)] };
  }
  return { signature: undefined, others: fields };
}

function forged(what: string): SignatureCheck {
  return { ok: false, problem: 'forged', reason: `signature ${what}` };
}
