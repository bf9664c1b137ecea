import type { Cluster, Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Keys } from '#contract/keys';
import { retry } from '#runtime/retry';
import { connectMatrix, type Identity } from './connect-matrix.ts';
import { deviceIdOf } from './device-id-of.ts';
import type { MatrixClient } from './matrix-client.ts';
import type { MatrixSettings } from './matrix-settings.ts';
import { createRedisTokenStore } from './redis-token-store.ts';

export interface AccountDeps {
  readonly redis: Redis | Cluster;
  readonly keys: Keys;
  readonly sealBody: (text: string) => string;
  readonly openBody: (sealed: string) => string;
  readonly log: Logger;
  /** Told of every token in use: it must not be logged. */
  readonly onToken: (token: string) => void;
  readonly signal: AbortSignal;
  /** How often a homeserver that is not ready is asked. Default: for ever. */
  readonly attempts?: number;
}

/**
 * A client as the device of one role, with its token kept in Redis: of the bot, or of another user of its
 * appservice. Waits for a homeserver that is still starting.
 *
 * @throws {MatrixLoginError} when the homeserver refuses the account.
 */
export function connectAccount(
  settings: MatrixSettings,
  role: string,
  deps: AccountDeps,
  identity: Omit<Identity, 'deviceId'> = {},
): Promise<MatrixClient> {
  const { redis, keys, sealBody, openBody, log, onToken, signal } = deps;
  const deviceId = deviceIdOf(role);
  const { access } = settings;
  const user = identity.localpart ?? (access.kind === 'token' ? undefined : access.user) ?? 'none';
  const key = keys.token(user, deviceId);
  const tokens = createRedisTokenStore({ redis, key, seal: sealBody, open: openBody });
  return retry(() => connectMatrix({ ...settings, ...identity, deviceId }, { tokens, log, onToken }), {
    attempts: deps.attempts ?? Number.POSITIVE_INFINITY,
    baseMs: 250,
    maxMs: 5_000,
    signal,
    onRetry: ({ error, waitMs }) =>
      log.warn({ err: error, waitMs }, 'The homeserver is not ready, tries again'),
  });
}
