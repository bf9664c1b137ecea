import { Buffer } from 'node:buffer';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { type MediaKey, mostMediaBytes } from './encrypted-file.ts';

export interface EncryptedMedia {
  /** What is uploaded, as `application/octet-stream` and without its name. */
  readonly ciphertext: Buffer;
  /** Goes, with the `url` of the upload, as `file` into the encrypted event. */
  readonly key: MediaKey;
}

/**
 * Encrypts a file under a key of its own, as encrypted rooms want it (client-server API, "Sending encrypted
 * attachments": AES-CTR with 256 bits, SHA-256 over the ciphertext).
 *
 * @throws {RangeError} for more than 64 MiB.
 */
export function encryptMedia(bytes: Uint8Array): EncryptedMedia {
  if (bytes.length > mostMediaBytes) {
    throw new RangeError(
      `A file of ${bytes.length} bytes is too large to be encrypted: at most ${mostMediaBytes}`,
    );
  }
  const secret = randomBytes(32);
  // The lower half counts blocks. From zero on, so that clients with a counter of 64 bits agree with all others.
  const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)]);
  const cipher = createCipheriv('aes-256-ctr', secret, iv);
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return {
    ciphertext,
    key: {
      v: 'v2',
      key: {
        kty: 'oct',
        alg: 'A256CTR',
        k: secret.toString('base64url'),
        key_ops: ['encrypt', 'decrypt'],
        ext: true,
      },
      iv: unpadded(iv),
      hashes: { sha256: unpadded(createHash('sha256').update(ciphertext).digest()) },
    },
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
