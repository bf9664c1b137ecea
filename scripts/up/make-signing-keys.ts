import pino from 'pino';
import { z } from 'zod';
import { createKeys } from '#contract/keys';
import { initCrossSigning } from '#crypto/cross-signing/init-cross-signing';
import { createSavedKeys } from '#crypto/cross-signing/saved-keys';
import { cryptoSettings } from '#crypto/crypto-settings';
import { connectMatrix } from '#matrix/connect-matrix';
import { matrixSettings } from '#matrix/matrix-settings';
import { type Environment, readConfig } from '#runtime/read-config';
import { redisSettings } from '#runtime/redis-settings';
import { connectRedis } from '#streams/connect-redis';

const schema = z.object({ matrix: matrixSettings, crypto: cryptoSettings, redis: redisSettings });

/**
 * Makes the keys that sign the bot's devices, where there are none: on a homeserver of our own nobody else has a say
 * in who the bot is. Elsewhere it is a person's to do (`vagent crypto init`), who is shown a recovery key.
 */
export async function makeSigningKeys(env: Environment): Promise<void> {
  const { matrix, crypto, redis: settings } = readConfig(schema, env).config;
  const { access } = matrix;
  const { storeKey } = crypto;
  if (storeKey === undefined || access.kind !== 'password') return;
  const redis = connectRedis(settings.connection, { name: 'vagent-up', onError: () => undefined });
  try {
    const { user, password } = access;
    const saved = createSavedKeys({ redis, keys: createKeys(settings.keyPrefix), storeKey, user });
    if ((await saved.load()) !== undefined) return;
    const tokens = {
      load: async () => undefined,
      save: async () => undefined,
      exclusively: <T>(work: () => Promise<T>) => work(),
    };
    const deps = { tokens, log: pino({ enabled: false }) };
    const client = await connectMatrix({ ...matrix, deviceId: 'VAGENT_CRYPTO_CLI' }, deps);
    await initCrossSigning({ client, saved, password });
    await client.request('POST', '/_matrix/client/v3/logout');
  } finally {
    redis.disconnect();
  }
}
