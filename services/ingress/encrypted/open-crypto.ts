import { keepSigned } from '#crypto/cross-signing/keep-signed';
import { createSavedKeys } from '#crypto/cross-signing/saved-keys';
import type { CryptoSlot } from '#crypto/crypto-device';
import type { CryptoMetrics } from '#crypto/crypto-metrics';
import { CryptoAccessError } from '#crypto/errors';
import { openCryptoSlot } from '#crypto/open-crypto-slot';
import { type AccountDeps, connectAccount } from '#matrix/connect-account';
import { deviceIdOf, roleOfDevice } from '#matrix/device-id-of';
import type { MatrixClient } from '#matrix/matrix-client';
import type { MatrixSettings } from '#matrix/matrix-settings';

export interface OpenCryptoDeps {
  readonly matrix: MatrixSettings;
  /** `CRYPTO_STORE_KEY`. */
  readonly storeKey: string;
  readonly account: AccountDeps;
  readonly userId: string;
  readonly observe: (client: MatrixClient) => MatrixClient;
  readonly metrics: CryptoMetrics;
}

/**
 * The one device that decrypts what people write, held by one replica at a time.
 *
 * @throws {CryptoAccessError} for a bot that cannot log in as several devices.
 */
export function openCrypto(deps: OpenCryptoDeps): CryptoSlot {
  const { matrix, storeKey, userId, observe, metrics } = deps;
  if (matrix.access.kind === 'token') throw new CryptoAccessError();
  // Whoever holds the device tries again by itself, and is not kept from ending meanwhile.
  const account = { ...deps.account, attempts: 1 };
  const { redis, keys, log, signal } = account;
  const saved = createSavedKeys({ redis, keys, storeKey, user: userId });
  return openCryptoSlot({
    ...{ userId, redis, keys, storeKey, log, metrics, signal },
    devices: [deviceIdOf('crypto-ingress')],
    connect: async (deviceId) =>
      observe(await connectAccount(matrix, roleOfDevice(deviceId), account, { isDevice: true })),
    isBehind: async () => (await redis.xlen(keys.ciphertext(userId))) > 0,
    ...keepSigned({ saved, log }),
  });
}
