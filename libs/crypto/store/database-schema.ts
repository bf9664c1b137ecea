import { z } from 'zod';
import {
  completed,
  type DatabaseFactory,
  type IndexedDatabase,
  type RecordKey,
  settled,
} from './indexed-db.ts';

const keyPath = z.union([z.string(), z.array(z.string())]);

/** How a database was built: enough to build it again. `name` is what follows the device's own part. */
export const databaseSchema = z.object({
  name: z.string(),
  version: z.number(),
  stores: z.array(
    z.object({
      name: z.string(),
      keyPath: keyPath.nullable(),
      autoIncrement: z.boolean(),
      indexes: z.array(
        z.object({
          name: z.string(),
          keyPath,
          unique: z.boolean(),
          multiEntry: z.boolean(),
        }),
      ),
    }),
  ),
});
export type DatabaseSchema = z.infer<typeof databaseSchema>;

/** A record of an object store with the database that it belongs to. */
export interface StoredRecord {
  readonly database: string;
  readonly store: string;
  readonly key: RecordKey;
  readonly value: unknown;
}

export function readSchema(database: IndexedDatabase, name: string): DatabaseSchema {
  const names = [...database.objectStoreNames];
  if (names.length === 0) return { name, version: database.version, stores: [] };
  const transaction = database.transaction(names);
  const stores = names.map((storeName) => {
    const store = transaction.objectStore(storeName);
    const indexes = [...store.indexNames].map((indexName) => {
      const { keyPath, unique, multiEntry } = store.index(indexName);
      return { name: indexName, keyPath, unique, multiEntry };
    });
    return { name: storeName, keyPath: store.keyPath, autoIncrement: store.autoIncrement, indexes };
  });
  return { name, version: database.version, stores };
}

/** Builds the database again and fills it. */
export async function restoreDatabase(
  factory: DatabaseFactory,
  fullName: string,
  schema: DatabaseSchema,
  records: readonly StoredRecord[],
): Promise<void> {
  const request = factory.open(fullName, schema.version);
  request.onupgradeneeded = () => {
    for (const { name, keyPath, autoIncrement, indexes } of schema.stores) {
      const store = request.result.createObjectStore(name, { keyPath, autoIncrement });
      for (const index of indexes) {
        store.createIndex(index.name, index.keyPath, { unique: index.unique, multiEntry: index.multiEntry });
      }
    }
  };
  const database = await settled(request);
  try {
    if (records.length === 0) return;
    const names = [...new Set(records.map(({ store }) => store))];
    const transaction = database.transaction(names, 'readwrite');
    const done = completed(transaction);
    for (const { store, key, value } of records) transaction.objectStore(store).put(value, key);
    await done;
  } finally {
    database.close();
  }
}
