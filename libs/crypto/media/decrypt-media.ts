import { Buffer } from 'node:buffer';
import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto';
import { mediaKey, mostMediaBytes } from './encrypted-file.ts';

export type DecryptedMedia =
  | { readonly ok: true; readonly bytes: Buffer }
  /** Why not, for a person. Nothing of the content was used. */
  | { readonly ok: false; readonly reason: string };

/**
 * Opens a file of an encrypted room. Its hash is checked before anything is decrypted: AES-CTR alone would let a
 * homeserver change single bits unseen.
 *
 * @param file the `file` of the decrypted event, as its sender wrote it: anything may stand there.
 */
export function decryptMedia(
  ciphertext: Uint8Array,
  file: unknown,
  { maxBytes = mostMediaBytes }: { readonly maxBytes?: number } = {},
): DecryptedMedia {
  const parsed = mediaKey.safeParse(file);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, reason: `its "file" cannot be used: ${issue?.path.join('.')} ${issue?.message}` };
  }
  if (ciphertext.length > maxBytes) return { ok: false, reason: `it has more than ${maxBytes} bytes` };
  const { key, iv, hashes } = parsed.data;
  const hash = createHash('sha256').update(ciphertext).digest();
  if (!timingSafeEqual(hash, Buffer.from(hashes.sha256, 'base64'))) {
    return { ok: false, reason: 'its bytes are not those that were sent: the hash differs' };
  }
  const decipher = createDecipheriv(
    'aes-256-ctr',
    Buffer.from(key.k, 'base64url'),
    Buffer.from(iv, 'base64'),
  );
  return { ok: true, bytes: Buffer.concat([decipher.update(ciphertext), decipher.final()]) };
}
