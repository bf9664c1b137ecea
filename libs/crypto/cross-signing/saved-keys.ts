import { z } from 'zod';
import type { Keys } from '#contract/keys';
import { createPayloadCipher, isSealed } from '#runtime/create-payload-cipher';
import { PayloadForgedError, PayloadKeyError } from '#runtime/errors';
import type { RedisClient } from '#streams/redis-client';
import { CryptoStoreError } from '../errors.ts';
import type { CrossSigningKeys } from './cross-signing-keys.ts';

/** Where the private cross-signing keys of one user are kept. */
export interface SavedKeys {
  /** @throws {CryptoStoreError} where they are sealed with another key, or were changed. */
  load(): Promise<CrossSigningKeys | undefined>;
  /** What is another text after each write, and undefined where nothing is kept. It is not opened for that. */
  mark(): Promise<string | undefined>;
  /** Keeps these, unless there are some: two that begin at once end up with the same. Returns those that are kept. */
  saveFirst(fresh: CrossSigningKeys): Promise<CrossSigningKeys>;
  /** Resolves to what takes it back: then whatever was kept before is kept again, even if nobody could open it. */
  replace(keys: CrossSigningKeys): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

export interface SavedKeysOptions {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** `CRYPTO_STORE_KEY`. */
  readonly storeKey: string;
  readonly user: string;
}

const seed = z.string().regex(/^[A-Za-z0-9+/]{43}$/);
const record = z.object({ master: seed, selfSigning: seed, userSigning: seed });

/** In Redis, sealed with `CRYPTO_STORE_KEY` for this user. */
export function createSavedKeys({ redis, keys, storeKey, user }: SavedKeysOptions): SavedKeys {
  const key = keys.crossSigning(user);
  const cipher = createPayloadCipher(storeKey);
  const context = `cross-signing ${user}`;
  const seal = (value: CrossSigningKeys): string => cipher.seal(JSON.stringify(value), context);

  function open(sealed: string): CrossSigningKeys {
    const problem = (why: string, cause?: unknown): CryptoStoreError =>
      new CryptoStoreError(`The cross-signing keys of ${user} cannot be opened: ${why}`, { cause });
    // What is acted on must be sealed: who can write to Redis could otherwise hand us keys of their own.
    if (!isSealed(sealed)) throw problem('they are not sealed, so somebody else wrote them');
    try {
      return record.parse(JSON.parse(cipher.open(sealed, context)));
    } catch (error) {
      if (error instanceof PayloadKeyError)
        throw problem('they were sealed with a key that CRYPTO_STORE_KEY does not hold', error);
      if (error instanceof PayloadForgedError) throw problem('they were changed in Redis', error);
      throw problem('they are not what was written', error);
    }
  }

  return {
    async load() {
      const sealed = await redis.get(key);
      return sealed === null ? undefined : open(sealed);
    },
    // Sealed text is another each time.
    mark: async () => (await redis.get(key)) ?? undefined,
    async saveFirst(fresh) {
      if ((await redis.set(key, seal(fresh), 'NX')) !== null) return fresh;
      const sealed = await redis.get(key);
      return sealed === null ? this.saveFirst(fresh) : open(sealed);
    },
    async replace(value) {
      const before = await redis.set(key, seal(value), 'GET');
      return async () => {
        await (before === null ? redis.del(key) : redis.set(key, before));
      };
    },
    async remove() {
      await redis.del(key);
    },
  };
}
