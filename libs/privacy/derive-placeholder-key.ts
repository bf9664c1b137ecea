import { Buffer } from 'node:buffer';
import { hkdfSync } from 'node:crypto';

/**
 * The key of placeholders, from the first key of `PAYLOAD_KEY` (HKDF-SHA256, RFC 5869): who sees placeholders learns
 * nothing about the key that seals. Undefined where nothing is sealed.
 */
export function derivePlaceholderKey(payloadKeys: string | undefined): Buffer | undefined {
  const first = payloadKeys?.split(',')[0]?.trim() ?? '';
  if (first === '') return undefined;
  return Buffer.from(hkdfSync('sha256', Buffer.from(first, 'base64'), '', 'vagent placeholders', 32));
}
