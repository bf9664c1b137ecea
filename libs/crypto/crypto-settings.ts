import { z } from 'zod';
import { isPayloadKeys } from '#runtime/parse-payload-keys';
import { setting } from '#runtime/setting';

const expects =
  'a key of 32 bytes in base64 (openssl rand -base64 32), or a comma separated list of them, newest first';

/**
 * `CRYPTO_STORE_KEY`: seals the keys of the bot's devices in Redis. Without it there is no encryption, and encrypted
 * rooms are declined. A blank one is refused: whoever set it meant to encrypt.
 */
export const cryptoSettings = z
  .object({ CRYPTO_STORE_KEY: setting.secret(expects, isPayloadKeys, { isBlankRefused: true }).optional() })
  .transform(({ CRYPTO_STORE_KEY }) => ({ storeKey: CRYPTO_STORE_KEY }));
