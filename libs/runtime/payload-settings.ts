import { z } from 'zod';
import { isPayloadKeys } from './parse-payload-keys.ts';
import { setting } from './setting.ts';

const expects =
  'a key of 32 bytes in base64 (openssl rand -base64 32), or a comma separated list of them, newest first';

/** What becomes of entries without a signature. */
export type UnsignedEntries = 'refuse' | 'accept';

/**
 * `PAYLOAD_KEY`: encrypts payloads at rest; without it they are stored readable. A blank one is refused: whoever set
 * it meant to encrypt. With it entries are signed, and `UNSIGNED_ENTRIES` says what becomes of those that are not: accept
 * them only while a key is introduced, as long as older ones are in the streams.
 */
export const payloadSettings = z
  .object({
    PAYLOAD_KEY: setting.secret(expects, isPayloadKeys, { isBlankRefused: true }).optional(),
    UNSIGNED_ENTRIES: setting.oneOf(['refuse', 'accept']).default('refuse'),
  })
  .transform(({ PAYLOAD_KEY, UNSIGNED_ENTRIES }) => ({ key: PAYLOAD_KEY, unsigned: UNSIGNED_ENTRIES }));
