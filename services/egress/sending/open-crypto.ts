import { keepSigned } from '#crypto/cross-signing/keep-signed';
import { createSavedKeys } from '#crypto/cross-signing/saved-keys';
import { signWhenOpened } from '#crypto/cross-signing/sign-when-opened';
import type { CryptoSlot } from '#crypto/crypto-device';
import type { CryptoMetrics } from '#crypto/crypto-metrics';
import { CryptoAccessError } from '#crypto/errors';
import { openCryptoSlot } from '#crypto/open-crypto-slot';
import { type AccountDeps, connectAccount } from '#matrix/connect-account';
import { deviceIdOf, roleOfDevice } from '#matrix/device-id-of';
import type { MatrixClient } from '#matrix/matrix-client';
import type { MatrixSettings } from '#matrix/matrix-settings';

/** Opens this replica's own device of a user: of the bot, or of the ghost with this local part. */
export type OpenCrypto = (user: {
  readonly userId: string;
  readonly localpart?: string;
}) => Promise<CryptoSlot>;

export interface OpenCryptoDeps {
  readonly matrix: MatrixSettings;
  /** `CRYPTO_STORE_KEY`. */
  readonly storeKey: string;
  readonly account: AccountDeps;
  readonly observe: (client: MatrixClient) => MatrixClient;
  readonly metrics: CryptoMetrics;
}

/** More replicas than anybody runs: each holds the first device that is free. */
const mostReplicas = 32;
const devices = Array.from({ length: mostReplicas }, (_, index) => deviceIdOf(`crypto-egress-${index}`));

/**
 * What opens the devices that encrypt. They are others than the one that sends: that one all replicas share, since
 * homeservers remember transaction ids by device, while keys must have one owner.
 *
 * @throws {CryptoAccessError} for a bot that cannot log in as several devices.
 */
export function createOpenCrypto(deps: OpenCryptoDeps): OpenCrypto {
  const { matrix, storeKey, observe, metrics } = deps;
  if (matrix.access.kind === 'token') throw new CryptoAccessError();
  // Whoever holds the device tries again by itself, and is not kept from ending meanwhile.
  const account = { ...deps.account, attempts: 1 };
  const { redis, keys, log, signal } = account;

  return async ({ userId, localpart }) => {
    const connect = async (deviceId: string): Promise<MatrixClient> => {
      const identity = { isDevice: true, localpart };
      return observe(await connectAccount(matrix, roleOfDevice(deviceId), account, identity));
    };
    const saved = createSavedKeys({ redis, keys, storeKey, user: userId });
    return openCryptoSlot({
      ...{ devices, userId, connect, redis, keys, storeKey, log, metrics, signal },
      // Ghosts make their keys themselves, and nobody replaces these.
      ...(localpart === undefined
        ? keepSigned({ saved, log })
        : { onOpened: signWhenOpened({ saved, log, makesKeys: true }) }),
    });
  };
}
