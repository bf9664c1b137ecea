import type { Keys } from '#contract/keys';
import type { PayloadCipher } from '#runtime/create-payload-cipher';
import { PayloadKeyError } from '#runtime/errors';
import { RedisSetupError } from './errors.ts';
import type { RedisClient } from './redis-client.ts';

const field = 'payload';
/** What is kept sealed, to be opened by every service at its start. */
const sample = 'vagent';

/**
 * Refuses a `PAYLOAD_KEY` that cannot open what the other services write: a service that cannot read the streams must
 * not take part. A first key may be introduced at any time, and a newer one put before the old.
 */
export async function checkPayloadKey(redis: RedisClient, keys: Keys, cipher: PayloadCipher): Promise<void> {
  const settings = keys.settings();
  const sealed = cipher.seal(sample, settings);
  await redis.hsetnx(settings, field, sealed);
  const kept = await redis.hget(settings, field);
  try {
    cipher.open(kept ?? sealed, settings);
  } catch (error) {
    if (!(error instanceof PayloadKeyError)) throw error;
    throw new RedisSetupError(
      `PAYLOAD_KEY is not the one that the other services use. ${error.message}. If everything under the old key may ` +
        `be given up, run "HDEL ${settings} ${field}"`,
      { cause: error },
    );
  }
  if (kept === sample && sealed !== sample) await redis.hset(settings, field, sealed);
}
