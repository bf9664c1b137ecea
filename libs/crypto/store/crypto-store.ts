import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { coalesce } from '#crypto/coalesce';
import type { DeviceLease } from '#crypto/device-lease/device-lease';
import { CryptoStoreError, DeviceLostError } from '#crypto/errors';
import { failpoint } from '#runtime/failpoint';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';
import { restoreDatabase } from './database-schema.ts';
import { type Changes, DirtyRecords } from './dirty-records.ts';
import { installIndexedDb } from './install-indexed-db.ts';
import { metaField, type ReadStore, readStore, type StoreMeta } from './read-store.ts';
import { createRecordSealer, type RecordSealer, recordField } from './record-sealer.ts';
import { UsedIndexes } from './used-indexes.ts';

export interface CryptoStoreOptions {
  readonly redis: RedisClient;
  /** Of the hash with the records. */
  readonly key: string;
  readonly lease: DeviceLease;
  /** `CRYPTO_STORE_KEY`. */
  readonly storeKey: string;
  /** Do not read what is stored: the first flush replaces it by the keys of this device. */
  readonly anewAs?: string | undefined;
  /** Told of every write: what it took, and how many records. */
  readonly onFlush?: ((seconds: number, records: number) => void) | undefined;
}

const script = loadScript(new URL('write-records.lua', import.meta.url));
const reply = z.union([
  z.tuple([z.literal(0)]),
  z.tuple([z.literal(1), z.int()]),
  z.tuple([z.literal(2), z.int()]),
]);
const nothing: ReadStore = { revision: 0, meta: undefined, records: [], hasOldSeals: false };
/** Where the SDK keeps the megolm sessions with which this device encrypts. */
const outboundStore = 'outbound_group_sessions';

/**
 * The keys of one device: databases in memory for the SDK, and behind them a hash in Redis with a sealed field for
 * each record. What was changed is written by one script that asks the lease, or not at all.
 */
export class CryptoStore {
  /** To open the SDK's store with. */
  readonly name: string;
  readonly used: UsedIndexes;
  readonly #options: CryptoStoreOptions;
  readonly #sealer: RecordSealer;
  readonly #dirty: DirtyRecords;
  readonly #fields: Set<string>;
  readonly #flush: () => Promise<void>;
  #gone: string[];
  #revision: number;
  #meta: StoreMeta;
  #isMetaDirty: boolean;
  #isWhole: boolean;

  /**
   * Reads the store. Megolm sessions to encrypt with are left out: if Redis came back from an older copy, they would
   * use an index twice.
   *
   * @throws {CryptoStoreError} where it cannot be read with the keys at hand.
   */
  static async open(options: CryptoStoreOptions): Promise<CryptoStore> {
    const { redis, key, storeKey } = options;
    const indexedDb = installIndexedDb();
    const sealer = createRecordSealer(storeKey, key);
    const stored = options.anewAs !== undefined ? nothing : await readStore(redis, key, sealer);
    // Another name each time: what the SDK handed out keeps a closed database open until it is collected.
    const name = `${key}#${randomUUID()}`;
    const kept = stored.records.filter(({ store }) => store !== outboundStore);
    for (const schema of stored.meta?.databases ?? []) {
      const own = kept.filter(({ database }) => database === schema.name);
      await restoreDatabase(indexedDb.factory, name + schema.name, schema, own);
    }
    const dirty = new DirtyRecords(indexedDb, name);
    const used = await UsedIndexes.open(indexedDb.factory, name);
    return new CryptoStore(options, name, sealer, stored, dirty, used);
  }

  private constructor(
    options: CryptoStoreOptions,
    name: string,
    sealer: RecordSealer,
    stored: ReadStore,
    dirty: DirtyRecords,
    used: UsedIndexes,
  ) {
    this.#options = options;
    this.#sealer = sealer;
    this.#dirty = dirty;
    this.used = used;
    this.name = name;
    this.#revision = stored.revision;
    this.#meta = stored.meta ?? { format: 1, databases: [], deviceId: options.anewAs };
    this.#isMetaDirty = stored.meta === undefined;
    this.#isWhole = stored.hasOldSeals;
    this.#fields = new Set(stored.records.map(({ field }) => field));
    this.#gone = stored.records.flatMap(({ store, field }) => (store === outboundStore ? [field] : []));
    this.#flush = coalesce(() => this.#write());
  }

  /** Whose keys these are. */
  get deviceId(): string {
    return this.#meta.deviceId ?? this.#options.lease.deviceId;
  }

  /** Up to where /sync was taken in. */
  get since(): string | undefined {
    return this.#meta.since;
  }

  /** Written with the next flush, and so together with what that round of /sync brought. */
  set since(since: string | undefined) {
    this.#meta = { ...this.#meta, since };
    this.#isMetaDirty = true;
  }

  get records(): number {
    return this.#fields.size;
  }

  /** To be called when the SDK has opened its databases, and before anything is flushed. */
  async begin(): Promise<void> {
    const databases = await this.#dirty.begin();
    if (!databases.some(({ stores }) => stores.some(({ name }) => name === outboundStore))) {
      throw new CryptoStoreError(
        `The crypto SDK has no store ${outboundStore} any more: a device that is opened would go on with old sessions. Use the version of the SDK that the lock file names`,
      );
    }
    if (JSON.stringify(databases) !== JSON.stringify(this.#meta.databases)) {
      this.#meta = { ...this.#meta, databases };
      // A new schema may have moved or dropped records.
      this.#isWhole = true;
    }
  }

  /**
   * Resolves when everything that the SDK had changed when this was called is in Redis.
   *
   * @throws {DeviceLostError} when the device is not ours any more: nothing was written.
   */
  flush(): Promise<void> {
    return this.#flush();
  }

  /** Writes what it still may, lets the SDK close its side, and gives the memory back. */
  async close(closeSdk: () => void): Promise<void> {
    await this.#flush().catch(() => undefined);
    closeSdk();
    this.used.close();
    await this.#dirty.close();
  }

  async #write(): Promise<void> {
    const start = performance.now();
    if (this.#isWhole) this.#dirty.touchAll();
    const changes = await this.#dirty.take();
    const isEmpty = changes.records.length + changes.deleted.length + changes.whole.length === 0;
    if (isEmpty && !this.#isMetaDirty && this.#gone.length === 0) return;
    let isStored: boolean;
    try {
      await failpoint('crypto.before-flush');
      isStored = await this.#store(changes);
    } catch (error) {
      // Whether it was written is unknown, or it was not: the next flush takes it again.
      changes.restore();
      throw error;
    }
    if (!isStored) {
      this.#isWhole = true;
      return this.#write();
    }
    this.#options.onFlush?.((performance.now() - start) / 1_000, changes.records.length);
    await failpoint('crypto.after-flush');
  }

  /** Only where there are any: to look through all names costs as much as there is. */
  #fieldsOf(stores: readonly string[]): string[] {
    if (stores.length === 0) return [];
    return [...this.#fields].filter((field) => stores.includes(field.split(':', 1)[0] ?? ''));
  }

  /** False where Redis has not what was written before. */
  async #store({ records, deleted, whole }: Changes): Promise<boolean> {
    const { redis, key, lease } = this.#options;
    const [meta, leftOut] = [this.#meta, this.#gone];
    const sets = new Map<string, string>();
    for (const record of records) {
      const field = recordField(record.database, record.store, record.key);
      sets.set(field, this.#sealer.seal(field, record));
    }
    const gone = new Set([
      ...leftOut,
      ...deleted.map(({ database, store, key: recordKey }) => recordField(database, store, recordKey)),
      ...this.#fieldsOf(whole),
    ]);
    for (const field of sets.keys()) gone.delete(field);
    if (this.#isMetaDirty || this.#isWhole) sets.set(metaField, this.#sealer.seal(metaField, meta));
    const lists = toLists([...sets].flat());
    const args = [lease.member, lease.epoch, this.#revision, this.#isWhole ? 1 : 0, lists.length];
    const answer = reply.parse(
      await runScript(redis, script, [key, lease.key], [...args, ...lists, ...toLists([...gone])]),
    );
    if (answer[0] === 0) throw new DeviceLostError(lease.deviceId);
    if (answer[0] === 2) return false;
    this.#revision = answer[1];
    this.#isWhole = false;
    if (meta === this.#meta) this.#isMetaDirty = false;
    if (leftOut === this.#gone) this.#gone = [];
    for (const field of gone) this.#fields.delete(field);
    for (const field of sets.keys()) if (field !== metaField) this.#fields.add(field);
    return true;
  }
}

/** A call of a function takes some ten thousand arguments, a store may have more records. */
function toLists(items: readonly string[]): string[] {
  const lists: string[] = [];
  for (let start = 0; start < items.length; start += 2_000) {
    lists.push(JSON.stringify(items.slice(start, start + 2_000)));
  }
  return lists;
}
