import { createHash } from 'node:crypto';
import { PayloadKeyError } from './errors.ts';

export interface PayloadKey {
  /** Made from the key, and telling nothing about it: stands beside what was sealed or signed with it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * The keys of `PAYLOAD_KEY`: 32 bytes in base64, or a comma list of them, newest first; none where it is not set.
 *
 * @throws {PayloadKeyError} if a key is not 32 bytes in base64.
 */
export function parsePayloadKeys(text: string | undefined): PayloadKey[] {
  if (text === undefined || text.trim() === '') return [];
  return text.split(',').map((part, index) => {
    const bytes = Buffer.from(part.trim(), 'base64');
    if (bytes.length === 32 && /^[\w+/-]+=?$/.test(part.trim())) return { id: idOf(bytes), bytes };
    throw new PayloadKeyError(
      `Key ${index + 1} of PAYLOAD_KEY is not 32 bytes in base64. Make one with: openssl rand -base64 32`,
    );
  });
}

/** Whether `parsePayloadKeys` takes the text. */
export function isPayloadKeys(text: string): boolean {
  try {
    parsePayloadKeys(text);
    return true;
  } catch (error) {
    if (error instanceof PayloadKeyError) return false;
    throw error;
  }
}

function idOf(bytes: Buffer): string {
  return createHash('sha256').update('vagent payload key id').update(bytes).digest('base64url').slice(0, 8);
}
