import pino from 'pino';
import { z } from 'zod';
import type { CrossSigningDeps } from '#crypto/cross-signing/init-cross-signing';
import { createSavedKeys } from '#crypto/cross-signing/saved-keys';
import { cryptoSettings } from '#crypto/crypto-settings';
import { CryptoAccessError } from '#crypto/errors';
import { connectMatrix } from '#matrix/connect-matrix';
import { MatrixLoginError, MatrixRequestError } from '#matrix/errors';
import { matrixSettings } from '#matrix/matrix-settings';
import type { TokenStore } from '#matrix/token-store';
import { type Environment, readConfig } from '#runtime/read-config';
import type { Transport } from '#streams/open-transport';
import { commandEnvironment } from '../cli/command-environment.ts';
import { CommandError } from '../cli/errors.ts';
import { openRedis } from '../cli/open-redis.ts';

/** The bot's account and where its keys are kept, for one command. */
export interface CryptoAccess extends AsyncDisposable, CrossSigningDeps {
  readonly transport: Transport;
  /** `CRYPTO_STORE_KEY`. */
  readonly storeKey: string;
}

const schema = z.object({ matrix: matrixSettings, crypto: cryptoSettings });

/**
 * Logs in as a device of its own, which is logged out at the end: what the services do goes on beside it.
 *
 * @throws {CommandError} where the homeserver does not answer or does not take the account.
 */
export async function openCrypto(env: Environment): Promise<CryptoAccess> {
  const { matrix, crypto } = readConfig(schema, await commandEnvironment(env)).config;
  const { storeKey } = crypto;
  if (storeKey === undefined)
    throw new CommandError(
      'CRYPTO_STORE_KEY is not set: without it there is no encryption. Make one with: openssl rand -base64 32',
    );
  const { access } = matrix;
  if (access.kind === 'token') throw new CommandError(new CryptoAccessError().message);
  const transport = await openRedis(env);
  try {
    const deps = { tokens: keepNothing, log: pino({ enabled: false }) };
    const client = await connectMatrix({ ...matrix, deviceId: 'VAGENT_CRYPTO_CLI' }, deps);
    const { redis, keys } = transport;
    const dispose = async (): Promise<void> => {
      // A token of an appservice is no device of ours.
      if (access.kind === 'password')
        await client.request('POST', '/_matrix/client/v3/logout').catch(nothing);
      await transport.close();
    };
    return {
      client,
      transport,
      storeKey,
      saved: createSavedKeys({ redis, keys, storeKey, user: client.userId }),
      password: access.kind === 'password' ? access.password : undefined,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await transport.close();
    const isKnown = error instanceof MatrixLoginError || error instanceof MatrixRequestError;
    throw isKnown ? new CommandError(error.message, { cause: error }) : error;
  }
}

const keepNothing: TokenStore = {
  load: async () => undefined,
  save: async () => undefined,
  exclusively: (work) => work(),
};

/** The device stays until the next command logs in as it again. */
const nothing = (): void => undefined;
