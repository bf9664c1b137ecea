import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PayloadForgedError, PayloadKeyError } from './errors.ts';
import { type PayloadKey, parsePayloadKeys } from './parse-payload-keys.ts';
import { deflateText, inflateText, isZipped, unzipText, zipText } from './zip-text.ts';

export interface PayloadCipher {
  /** `aad` says where the text belongs (key, field, id); it has to be the same at `open`. */
  seal(plain: string, aad: string): string;
  /** Like `seal`, and smaller for long texts. Releases before it cannot open them: ask whether all readers can. */
  sealSmall(plain: string, aad: string): string;
  /**
   * What was sealed. Text that is no envelope is returned as it is, so that a key can be introduced while older
   * payloads are still there.
   *
   * @throws {PayloadKeyError} if its key is not configured, {@link PayloadForgedError} if it was changed or moved.
   */
  open(sealed: string, aad: string): string;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const sealedMark = 'enc1.';
/** Zipped, then sealed. */
const smallMark = 'enc2.';
const plainMark = 'raw1.';

/**
 * Encrypts payloads at rest with AES-256-GCM into `enc1.<key id>.<iv>.<ciphertext and tag>`, base64url. Without a key
 * text passes through; `open` is the exact inverse of both ways to seal for every well-formed string either way.
 *
 * `sealSmall` compresses before it encrypts, into `enc2.…`; without a key it compresses only, into `zip1.…`. Sizes of compressed
 * secrets tell something where an attacker can have texts of their own compressed together with them, many times, and sees
 * the sizes (CRIME, BREACH). Here each text is compressed alone, from a public dictionary; it is of one conversation; and nobody
 * sees its size but who reads Redis, to whom lengths were never hidden.
 *
 * Ivs are random:
 * change the key before it has sealed 2^32 payloads (NIST SP 800-38D, 8.3).
 *
 * @param keys `PAYLOAD_KEY`: 32 bytes in base64, or a comma list of them; the first seals, all open.
 * @throws {PayloadKeyError} if a key is not 32 bytes in base64.
 */
export function createPayloadCipher(keys: string | undefined): PayloadCipher {
  const ring = parsePayloadKeys(keys);
  const byId = new Map(ring.map((key) => [key.id, key]));
  const [sealing] = ring;
  return {
    seal: (plain, aad) => (sealing === undefined ? passThrough(plain) : seal(plain, aad, sealing)),
    sealSmall: (plain, aad) => {
      if (sealing === undefined) return zipText(plain) ?? passThrough(plain);
      const deflated = deflateText(plain);
      return deflated === undefined ? seal(plain, aad, sealing) : seal(deflated, aad, sealing, smallMark);
    },
    open: (sealed, aad) => {
      if (sealed.startsWith(plainMark)) return sealed.slice(plainMark.length);
      if (!isSealed(sealed)) return unzipText(sealed) ?? sealed;
      const [, keyId = '', iv = '', data = '', ...rest] = sealed.split('.');
      if (data === '' || rest.length > 0) throw new PayloadForgedError(keyId);
      const key = byId.get(keyId);
      if (key === undefined) throw new PayloadKeyError(missingKey(keyId, ring), keyId);
      return open(iv, data, aad, key, sealed.startsWith(smallMark) ? smallMark : sealedMark);
    },
  };
}

/** Whether a text is an envelope of ours, whoever made it: only `open` tells whether it is right. */
export function isSealed(text: string): boolean {
  return text.startsWith(sealedMark) || text.startsWith(smallMark);
}

function passThrough(plain: string): string {
  // Text that looks like ours is marked, so that it comes back as it was.
  const isLikeOurs = plain.startsWith(plainMark) || isSealed(plain) || isZipped(plain);
  return isLikeOurs ? plainMark + plain : plain;
}

function seal(plain: string | Buffer, aad: string, key: PayloadKey, mark = sealedMark): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key.bytes, iv, { authTagLength: tagBytes });
  cipher.setAAD(aadOf(aad, mark));
  const bytes = typeof plain === 'string' ? Buffer.from(plain) : plain;
  const data = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  return `${mark}${key.id}.${iv.toString('base64url')}.${data.toString('base64url')}`;
}

function open(iv: string, data: string, aad: string, key: PayloadKey, mark: string): string {
  const bytes = Buffer.from(data, 'base64url');
  try {
    const decipher = createDecipheriv(algorithm, key.bytes, Buffer.from(iv, 'base64url'), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(aadOf(aad, mark));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const plain = Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
    return mark === smallMark ? inflateText(plain) : plain.toString('utf8');
  } catch (error) {
    throw new PayloadForgedError(key.id, { cause: error });
  }
}

/** What is zipped cannot be passed off as what is not. */
function aadOf(aad: string, mark: string): Buffer {
  return Buffer.from(mark === smallMark ? mark + aad : aad);
}

function missingKey(keyId: string, ring: readonly PayloadKey[]): string {
  const has = ring.length === 0 ? 'is not set' : `holds only ${ring.map(({ id }) => id).join(', ')}`;
  return `The payload is encrypted with key ${keyId}, but PAYLOAD_KEY ${has}. Add that key to the list in PAYLOAD_KEY`;
}
