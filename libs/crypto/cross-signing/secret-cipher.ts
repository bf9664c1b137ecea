import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { unpadded } from './cross-signing-keys.ts';

/** A secret in account data, sealed with one key. */
export interface SealedSecret {
  readonly iv: string;
  readonly ciphertext: string;
  readonly mac: string;
}

const zeros = Buffer.alloc(32);

/** `m.secret_storage.v1.aes-hmac-sha2` (client-server API, "Secret storage"). The name goes into the key. */
export function sealSecret(key: Uint8Array, name: string, secret: string): SealedSecret {
  return seal(key, name, Buffer.from(secret), freshIv());
}

/** Undefined where the key is another, or somebody changed it. */
export function openSecret(key: Uint8Array, name: string, sealed: SealedSecret): string | undefined {
  const { aes, mac } = keysFor(key, name);
  const data = Buffer.from(sealed.ciphertext, 'base64');
  const iv = Buffer.from(sealed.iv, 'base64');
  const given = Buffer.from(sealed.mac, 'base64');
  const right = createHmac('sha256', mac).update(data).digest();
  if (iv.length !== 16 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', aes, iv);
  return Buffer.concat([decipher.update(data), decipher.final()]).toString();
}

/** By which others tell whether they have the right key: 32 zeros, sealed under no name. */
export function describeKey(key: Uint8Array): { readonly iv: string; readonly mac: string } {
  const { iv, mac } = seal(key, '', zeros, freshIv());
  return { iv, mac };
}

export function isKeyDescribedBy(key: Uint8Array, described: { iv: string; mac: string }): boolean {
  const { mac } = seal(key, '', zeros, Buffer.from(described.iv, 'base64'));
  return mac.replace(/=+$/, '') === described.mac.replace(/=+$/, '');
}

function seal(key: Uint8Array, name: string, plain: Buffer, iv: Buffer): SealedSecret {
  const { aes, mac } = keysFor(key, name);
  const cipher = createCipheriv('aes-256-ctr', aes, iv);
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  const proof = createHmac('sha256', mac).update(data).digest();
  return { iv: unpadded(iv), ciphertext: unpadded(data), mac: unpadded(proof) };
}

/** Bit 63 is zero, as the spec wants for implementations that count with 64 bits only. */
function freshIv(): Buffer {
  const iv = randomBytes(16);
  iv.writeUInt8(iv.readUInt8(8) & 0x7f, 8);
  return iv;
}

function keysFor(key: Uint8Array, name: string): { aes: Buffer; mac: Buffer } {
  const both = Buffer.from(hkdfSync('sha256', key, zeros, name, 64));
  return { aes: both.subarray(0, 32), mac: both.subarray(32) };
}
