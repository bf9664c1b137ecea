import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { coalesce } from '#crypto/coalesce';
import type { DeviceLease } from '#crypto/device-lease/device-lease';
import { CryptoStoreError, DeviceLostError } from '#crypto/errors';
import { failpoint } from '#runtime/failpoint';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';
import { restoreDatabase, type StoredRecord } from './database-schema.ts';
import { type Changes, DirtyRecords } from './dirty-records.ts';
import { giveUpKeys } from './give-up-keys.ts';
import { installIndexedDb } from './install-indexed-db.ts';
import { metaField, type ReadStore, readStore, type StoreMeta } from './read-store.ts';
import { createRecordSealer, type RecordSealer, recordField } from './record-sealer.ts';
import { findRotatedAway, inboundStore, sessionOf } from './rotated-away.ts';
import { SeenSessions, seenStore, today } from './seen-sessions.ts';
import { toLists } from './to-lists.ts';
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
  /** Give up no room keys that were rotated away long ago: events that may need them wait. */
  readonly keepsAll?: boolean | undefined;
  /** Told of every write: what it took, and how many records. */
  readonly onFlush?: ((seconds: number, records: number) => void) | undefined;
}

interface StoreParts {
  readonly name: string;
  readonly sealer: RecordSealer;
  readonly stored: ReadStore;
  readonly dirty: DirtyRecords;
  readonly used: UsedIndexes;
  readonly seen: SeenSessions;
  /** Fields to delete. */
  readonly gone: readonly string[];
  readonly givenUp: number;
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
  readonly seen: SeenSessions;
  /** So many room keys were given up when it was opened. */
  readonly givenUp: number;
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
   * use an index twice. So are room keys that were rotated away long ago: the first flush deletes them, and only their mark
   * stays, by which nothing that was encrypted with them counts again.
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
    const { rotatedAway, unseen } = findRotatedAway(stored.records);
    const places = options.keepsAll === true ? new Set<string>() : rotatedAway;
    const isLeft = ({ store, key: place }: StoredRecord): boolean =>
      store === outboundStore ||
      ((store === inboundStore || store === seenStore) && places.has(String(place)));
    const kept = stored.records.filter((record) => !isLeft(record));
    const gone = stored.records.filter(isLeft).map(({ field }) => field);
    for (const schema of stored.meta?.databases ?? []) {
      const own = kept.filter(({ database }) => database === schema.name);
      await restoreDatabase(indexedDb.factory, name + schema.name, schema, own);
    }
    const dirty = new DirtyRecords(indexedDb, name);
    const used = await UsedIndexes.open(indexedDb.factory, name);
    const seen = await SeenSessions.open(indexedDb.factory, name);
    await used.giveUp([...places].map(sessionOf));
    await seen.note(unseen, today());
    return new CryptoStore(options, { name, sealer, stored, dirty, used, seen, gone, givenUp: places.size });
  }

  private constructor(options: CryptoStoreOptions, { stored, gone, ...parts }: StoreParts) {
    this.#options = options;
    this.#sealer = parts.sealer;
    this.#dirty = parts.dirty;
    this.used = parts.used;
    this.seen = parts.seen;
    this.givenUp = parts.givenUp;
    this.name = parts.name;
    this.#revision = stored.revision;
    this.#meta = stored.meta ?? { format: 1, databases: [], deviceId: options.anewAs };
    this.#isMetaDirty = stored.meta === undefined;
    this.#isWhole = stored.hasOldSeals;
    this.#fields = new Set(stored.records.map(({ field }) => field));
    this.#gone = [...gone];
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

  /** Gives up what an opening would give up now. Resolves to how many room keys that were. */
  async giveUpOld(): Promise<number> {
    const givenUp = await giveUpKeys({ dirty: this.#dirty, used: this.used, seen: this.seen });
    await this.#flush();
    return givenUp;
  }

  /** Writes what it still may, lets the SDK close its side, and gives the memory back. */
  async close(closeSdk: () => void): Promise<void> {
    await this.#flush().catch(() => undefined);
    closeSdk();
    this.used.close();
    this.seen.close();
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
