import { type DatabaseSchema, readSchema, type StoredRecord } from './database-schema.ts';
import { completed, type IndexedDatabase, type RecordKey, settled } from './indexed-db.ts';
import type { InstalledIndexedDb, Touched } from './install-indexed-db.ts';

/** What has changed since the last time, as it is now. */
export interface Changes {
  readonly records: readonly StoredRecord[];
  readonly deleted: readonly { readonly database: string; readonly store: string; readonly key: RecordKey }[];
  /** Stores that are in `records` as a whole: what else was stored of them is gone. */
  readonly whole: readonly string[];
  /** Makes it all changed again: it could not be stored. */
  restore(): void;
}

/** Which records of a device's databases were written, so that storing them costs what changed and not what there is. */
export class DirtyRecords {
  readonly #prefix: string;
  readonly #indexedDb: InstalledIndexedDb;
  readonly #stopListening: () => void;
  #databases: IndexedDatabase[] = [];
  #touched = new Map<string, Touched[]>();

  /** Listens from now on to databases whose names start with `prefix`. */
  constructor(indexedDb: InstalledIndexedDb, prefix: string) {
    this.#prefix = prefix;
    this.#indexedDb = indexedDb;
    this.#stopListening = indexedDb.onCommit(prefix, (name, touched) => this.#add(name, touched));
  }

  /** Opens what the SDK has made. Before that there is nothing to read; afterwards the SDK cannot change its schema. */
  async begin(): Promise<DatabaseSchema[]> {
    const { factory } = this.#indexedDb;
    const all = (await factory.databases()).filter(({ name }) => name.startsWith(this.#prefix));
    const own = all.sort((one, other) => (one.name < other.name ? -1 : 1));
    this.#databases = await Promise.all(own.map(({ name }) => settled(factory.open(name))));
    return this.#databases.map((database) => readSchema(database, database.name.slice(this.#prefix.length)));
  }

  /** All records of a store, whichever database it is in, as they are now. */
  async read(store: string): Promise<StoredRecord[]> {
    const database = this.#databaseWith(store);
    if (database === undefined) return [];
    const place = { database: database.name.slice(this.#prefix.length), store };
    const records = database.transaction([store]).objectStore(store);
    const [keys, values] = await Promise.all([settled(records.getAllKeys()), settled(records.getAll())]);
    return keys.map((key, index) => ({ ...place, key, value: values[index] }));
  }

  /** Deletes records beside the SDK, which reads each of them anew. */
  async remove(store: string, keys: readonly RecordKey[]): Promise<void> {
    const database = this.#databaseWith(store);
    if (database === undefined || keys.length === 0) return;
    const transaction = database.transaction([store], 'readwrite');
    const done = completed(transaction);
    for (const key of keys) transaction.objectStore(store).delete(key);
    await done;
  }

  /** Everything counts as changed. */
  touchAll(): void {
    for (const database of this.#databases) {
      const stores = [...database.objectStoreNames];
      this.#touched.set(
        database.name,
        stores.map((store) => ({ store, key: undefined })),
      );
    }
  }

  async take(): Promise<Changes> {
    const parts = await Promise.all(this.#databases.map((database) => this.#takeFrom(database)));
    return {
      records: parts.flatMap(({ records }) => records),
      deleted: parts.flatMap(({ deleted }) => deleted),
      whole: parts.flatMap(({ whole }) => whole),
      restore: () => {
        for (const [index, { touched }] of parts.entries()) {
          const name = this.#databases[index]?.name;
          if (name !== undefined) this.#add(name, touched);
        }
      },
    };
  }

  async close(): Promise<void> {
    this.#stopListening();
    for (const database of this.#databases) database.close();
    this.#databases = [];
    const { factory } = this.#indexedDb;
    for (const { name } of await factory.databases()) {
      // It is gone when the last connection is, which may take until the SDK's objects are collected.
      if (name.startsWith(this.#prefix)) factory.deleteDatabase(name);
    }
  }

  #databaseWith(store: string): IndexedDatabase | undefined {
    return this.#databases.find(({ objectStoreNames }) => [...objectStoreNames].includes(store));
  }

  #add(name: string, touched: readonly Touched[]): void {
    this.#touched.set(name, [...(this.#touched.get(name) ?? []), ...touched]);
  }

  async #takeFrom(database: IndexedDatabase) {
    const records: StoredRecord[] = [];
    const deleted: { database: string; store: string; key: RecordKey }[] = [];
    const stores = [...database.objectStoreNames];
    const [first] = stores;
    if (first === undefined || !this.#touched.has(database.name)) {
      return { records, deleted, whole: [], touched: [] };
    }
    const transaction = database.transaction(stores);
    // Over all stores: it runs when no transaction is half done, so what is touched by then belongs together.
    await settled(transaction.objectStore(first).count());
    const touched = this.#touched.get(database.name) ?? [];
    this.#touched.delete(database.name);
    const name = database.name.slice(this.#prefix.length);
    const whole = new Set(touched.flatMap(({ store, key }) => (key === undefined ? [store] : [])));
    const reads: Promise<unknown>[] = [];
    for (const store of whole) {
      const keys = settled(transaction.objectStore(store).getAllKeys());
      const values = settled(transaction.objectStore(store).getAll());
      reads.push(
        Promise.all([keys, values]).then(([allKeys, allValues]) => {
          for (const [index, key] of allKeys.entries()) {
            records.push({ database: name, store, key, value: allValues[index] });
          }
        }),
      );
    }
    const single = new Map<string, { store: string; key: RecordKey }>();
    for (const { store, key } of touched) {
      if (key !== undefined && !whole.has(store)) single.set(JSON.stringify([store, key]), { store, key });
    }
    for (const { store, key } of single.values()) {
      reads.push(
        settled(transaction.objectStore(store).get(key)).then((value) => {
          if (value === undefined) deleted.push({ database: name, store, key });
          else records.push({ database: name, store, key, value });
        }),
      );
    }
    await Promise.all(reads);
    return { records, deleted, whole: [...whole], touched };
  }
}
