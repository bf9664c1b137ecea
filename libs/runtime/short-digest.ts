import { createHash } from 'node:crypto';

/**
 * The first 12 hex digits of the text's SHA-256: joins log lines and spans of one session or turn without naming the
 * people in it. `printf %s '<id>' | sha256sum | cut -c1-12` gives the same.
 */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
