import { z } from 'zod';
import { CryptoStoreError } from '#crypto/errors';
import type { RedisClient } from '#streams/redis-client';
import { databaseSchema, type StoredRecord } from './database-schema.ts';
import { type RecordSealer, recordField } from './record-sealer.ts';

/** The field of what belongs to no record: how the databases are built, and how far /sync was taken. */
export const metaField = 'meta';
export const revisionField = 'revision';

export const storeMeta = z.object({
  format: z.literal(1),
  databases: z.array(databaseSchema),
  /** The device that these keys are of, where it is not named like its slot: it has begun anew. */
  deviceId: z.string().optional(),
  /** Up to where /sync was taken in; together with what it brought. */
  since: z.string().optional(),
});
export type StoreMeta = z.infer<typeof storeMeta>;

const storedRecord = z.object({
  database: z.string(),
  store: z.string(),
  // The field is a digest of it: what is not a key would not match.
  key: z.custom<StoredRecord['key']>((value) => value !== undefined),
  value: z.unknown(),
});

export interface ReadStore {
  readonly revision: number;
  /** Undefined where nothing is stored. */
  readonly meta: StoreMeta | undefined;
  readonly records: readonly (StoredRecord & { readonly field: string })[];
  /** Whether some of it was sealed with an older key. */
  readonly hasOldSeals: boolean;
}

/** @throws {CryptoStoreError} where a record does not open, or is not where it was written. */
export async function readStore(redis: RedisClient, key: string, sealer: RecordSealer): Promise<ReadStore> {
  const fields = await scanHash(redis, key);
  const revision = Number(fields.get(revisionField) ?? 0);
  const sealedMeta = fields.get(metaField);
  fields.delete(revisionField);
  fields.delete(metaField);
  if (sealedMeta === undefined) {
    if (fields.size === 0) return { revision, meta: undefined, records: [], hasOldSeals: false };
    throw new CryptoStoreError(
      `The crypto store ${key} cannot be opened: its field ${metaField} is gone. Restore this key of Redis from a backup, or delete it: the device then begins anew and must be signed again`,
    );
  }
  const meta = storeMeta.safeParse(sealer.open(metaField, sealedMeta));
  if (!meta.success) {
    throw new CryptoStoreError(
      `The crypto store ${key} was written by another version of vagent (${z.prettifyError(meta.error)}). Run that version`,
    );
  }
  const records = [...fields].map(([field, sealed]) => {
    const record = storedRecord.parse(sealer.open(field, sealed));
    if (recordField(record.database, record.store, record.key) !== field) {
      throw new CryptoStoreError(`The crypto store ${key} holds a record under a wrong name: ${field}`);
    }
    return { ...record, field };
  });
  const hasOldSeals = [sealedMeta, ...fields.values()].some((sealed) => !sealer.isNewest(sealed));
  return { revision, meta: meta.data, records, hasOldSeals };
}

/** In pieces: a store of a large account would keep Redis from its other work. */
async function scanHash(redis: RedisClient, key: string): Promise<Map<string, string>> {
  const fields = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, flat] = await redis.hscan(key, cursor, 'COUNT', 500);
    for (let index = 0; index < flat.length; index += 2) fields.set(flat[index] ?? '', flat[index + 1] ?? '');
    cursor = next;
  } while (cursor !== '0');
  return fields;
}
