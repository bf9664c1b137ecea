import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createKeys, type Keys } from '#contract/keys';
import { createSignatures, type Signatures } from '#contract/signature';
import { createPayloadCipher, isSealed } from '#runtime/create-payload-cipher';
import { PayloadForgedError } from '#runtime/errors';
import { parsePayloadKeys } from '#runtime/parse-payload-keys';
import type { UnsignedEntries } from '#runtime/payload-settings';
import type { RedisConnection } from '#runtime/redis-settings';
import { checkPayloadKey } from './check-payload-key.ts';
import { checkServer } from './check-server.ts';
import { connectRedis } from './connect-redis.ts';
import { createPublisher, type Publisher } from './publish.ts';
import type { RedisClient } from './redis-client.ts';
import { isRedisUnavailable } from './redis-errors.ts';

export interface TransportSettings {
  readonly redis: {
    readonly connection: RedisConnection;
    readonly keyPrefix: string;
    readonly partitions: number;
  };
  readonly payload: {
    readonly key: string | undefined;
    /** What becomes of entries without a signature where there is a key; refused by default. */
    readonly unsigned?: UnsignedEntries | undefined;
  };
}

/** What every service needs to take part: connections, key names, encryption at rest, a name in the groups. */
export interface Transport extends AsyncDisposable {
  readonly redis: RedisClient;
  readonly connectBlocking: () => RedisClient;
  readonly keys: Keys;
  readonly partitions: number;
  readonly publisher: Publisher;
  /** This process' name in consumer groups: never used before, never used again. */
  readonly member: string;
  readonly sealBody: (json: string) => string;
  /** Smaller for long texts; for what services of releases before need not read. `openBody` and `openOwn` open both. */
  readonly sealSmall: (json: string) => string;
  readonly openBody: (sealed: string) => string;
  /**
   * The same for what services keep for themselves and act on: with a key, what is not sealed is refused as forged,
   * unless unsigned entries are accepted.
   */
  readonly openOwn: (sealed: string) => string;
  /** What entries are signed with, and checked by; undefined without `PAYLOAD_KEY`. */
  readonly signatures: Signatures | undefined;
  /** Rejects while Redis does not answer: for readiness. */
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

/** All bodies are sealed under this name, so that an entry can be moved, replayed and read by every role. */
const bodyContext = 'entry body';

/**
 * Connects, waits for a Redis that is still starting, and checks that the promise can be kept on it.
 *
 * @throws RedisSetupError when the server cannot be used; whatever `signal` carries when it is aborted before.
 */
export async function openTransport(
  settings: TransportSettings,
  deps: { name: string; slot: string; log: Logger; signal: AbortSignal },
): Promise<Transport> {
  const { connection, keyPrefix, partitions } = settings.redis;
  const onError = (error: Error) => deps.log.warn({ err: error }, 'Redis connection');
  const member = `${deps.slot}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const redis = connectRedis(connection, { name: `vagent-${deps.name}`, onError });
  const keys = createKeys(keyPrefix);
  const cipher = createPayloadCipher(settings.payload.key);
  const signatures = signaturesOf(settings.payload);
  const isStrict = signatures !== undefined && settings.payload.unsigned !== 'accept';
  const openBody = (sealed: string) => cipher.open(sealed, bodyContext);
  const sealBody = (json: string) => cipher.seal(json, bodyContext);
  try {
    const check = async () => {
      await checkServer(redis, keys, partitions);
      await checkPayloadKey(redis, keys, cipher);
    };
    await checkPatiently(check, deps);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const close = async () => redis.disconnect();
  return {
    redis,
    connectBlocking: () =>
      connectRedis(connection, { name: `vagent-${deps.name}-news`, blocking: true, onError }),
    keys,
    partitions,
    publisher: createPublisher({ redis, keys, partitions, sealBody, signatures }),
    member,
    sealBody,
    sealSmall: (json) => cipher.sealSmall(json, bodyContext),
    openBody,
    openOwn: (sealed) => {
      if (isStrict && !isSealed(sealed)) throw new PayloadForgedError('none');
      return openBody(sealed);
    },
    signatures,
    ping: () => redis.ping(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function signaturesOf({ key, unsigned }: TransportSettings['payload']): Signatures | undefined {
  const [first, ...others] = parsePayloadKeys(key);
  if (first === undefined) return undefined;
  return createSignatures([first, ...others], { isUnsignedAccepted: unsigned === 'accept' });
}

/** Rejects when `signal` is aborted, also while Redis leaves a command without an answer. */
async function checkPatiently(
  check: () => Promise<unknown>,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<void> {
  const stopped = Promise.withResolvers<never>();
  // Raced with below; an abort between two checks, or after the last, is nobody's failure.
  stopped.promise.catch(() => undefined);
  signal.addEventListener('abort', () => stopped.reject(signal.reason), { once: true });
  signal.throwIfAborted();
  for (;;) {
    try {
      await Promise.race([check(), stopped.promise]);
      return;
    } catch (error) {
      if (!isRedisUnavailable(error)) throw error;
      log.warn({ err: error }, 'Redis is not ready, trying again');
      await sleep(1_000, undefined, { signal });
    }
  }
}
