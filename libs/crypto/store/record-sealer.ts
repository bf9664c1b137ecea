import { createHash } from 'node:crypto';
import v8 from 'node:v8';
import { CryptoStoreError } from '#crypto/errors';
import { createPayloadCipher, isSealed } from '#runtime/create-payload-cipher';
import { PayloadForgedError, PayloadKeyError } from '#runtime/errors';
import { parsePayloadKeys } from '#runtime/parse-payload-keys';
import type { RecordKey } from './indexed-db.ts';

export interface RecordSealer {
  /** `field` is the place in the store: what is sealed for one opens at no other. */
  seal(field: string, value: unknown): string;
  /** @throws {CryptoStoreError} with the remedy, where it is not what was sealed there. */
  open(field: string, sealed: string): unknown;
  /** Whether the newest key sealed it. */
  isNewest(sealed: string): boolean;
}

/** @param place the key of the store in Redis. */
export function createRecordSealer(storeKey: string, place: string): RecordSealer {
  const cipher = createPayloadCipher(storeKey);
  const newest = parsePayloadKeys(storeKey)[0]?.id ?? '';
  const aad = (field: string): string => `${place} ${field}`;
  return {
    seal: (field, value) => cipher.seal(v8.serialize(value).toString('latin1'), aad(field)),
    open: (field, sealed) => {
      // The cipher lets text through that is no envelope; here that is a record which somebody else wrote.
      if (!isSealed(sealed)) throw broken(place, `the record ${field} is not sealed`, changed);
      try {
        return v8.deserialize(Buffer.from(cipher.open(sealed, aad(field)), 'latin1'));
      } catch (error) {
        if (error instanceof PayloadKeyError) {
          const why = `it was sealed with key ${error.keyId}, which CRYPTO_STORE_KEY does not hold`;
          throw broken(place, why, 'Add that key to the list in CRYPTO_STORE_KEY', error);
        }
        if (error instanceof PayloadForgedError) {
          throw broken(place, `the record ${field} was changed or moved`, changed, error);
        }
        throw broken(place, `the record ${field} is not what was written`, changed, error);
      }
    },
    isNewest: (sealed) => sealed.split('.', 2)[1] === newest,
  };
}

const changed =
  'Restore this key of Redis from a backup, or delete it: the device then begins anew and must be signed again';

function broken(place: string, why: string, remedy: string, cause?: unknown): CryptoStoreError {
  return new CryptoStoreError(`The crypto store ${place} cannot be opened: ${why}. ${remedy}`, { cause });
}

/** The field of a record in the hash: its store by name, itself by a digest. */
export function recordField(database: string, store: string, key: RecordKey): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([database, store, key]))
    .digest();
  return `${store}:${digest.subarray(0, 16).toString('base64url')}`;
}
