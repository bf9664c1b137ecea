import { z } from 'zod';
import { createPayloadCipher } from './create-payload-cipher.ts';
import { PayloadKeyError } from './errors.ts';
import { setting } from './setting.ts';

const expects =
  'a key of 32 bytes in base64 (openssl rand -base64 32), or a comma separated list of them, newest first';

/**
 * `PAYLOAD_KEY`: encrypts payloads at rest; without it they are stored readable. A blank one is refused: whoever set
 * it meant to encrypt.
 */
export const payloadSettings = z
  .object({ PAYLOAD_KEY: setting.secret(expects, isUsable, { isBlankRefused: true }).optional() })
  .transform(({ PAYLOAD_KEY }) => ({ key: PAYLOAD_KEY }));

function isUsable(keys: string): boolean {
  try {
    createPayloadCipher(keys);
    return true;
  } catch (error) {
    if (error instanceof PayloadKeyError) return false;
    throw error;
  }
}
