import { completed, type DatabaseFactory, type IndexedDatabase, settled } from './indexed-db.ts';

const databaseName = '::vagent-seen';
/** Of the day on which a room key was used last, or first known. */
export const seenStore = 'seen_sessions';
const version = 1;

const dayMs = 24 * 60 * 60_000;

export function today(): number {
  return Math.floor(Date.now() / dayMs);
}

/**
 * On which day each room key was used last. By it what was rotated away long ago can be told, which the SDK does not
 * note down. A database of its own: a release that does not know it keeps it as it is.
 */
export class SeenSessions {
  readonly #database: IndexedDatabase;
  readonly #noted = new Map<string, number>();

  private constructor(database: IndexedDatabase) {
    this.#database = database;
  }

  static async open(factory: DatabaseFactory, name: string): Promise<SeenSessions> {
    const request = factory.open(name + databaseName, version);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(seenStore, {});
    };
    return new SeenSessions(await settled(request));
  }

  /** One write for each key and day. `keys` are those of the SDK's records. */
  async note(keys: readonly string[], day: number): Promise<void> {
    const fresh = keys.filter((key) => this.#noted.get(key) !== day);
    if (fresh.length === 0) return;
    const transaction = this.#database.transaction([seenStore], 'readwrite');
    const done = completed(transaction);
    for (const key of fresh) transaction.objectStore(seenStore).put(day, key);
    await done;
    for (const key of fresh) this.#noted.set(key, day);
  }

  async forget(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const transaction = this.#database.transaction([seenStore], 'readwrite');
    const done = completed(transaction);
    for (const key of keys) transaction.objectStore(seenStore).delete(key);
    await done;
    for (const key of keys) this.#noted.delete(key);
  }

  close(): void {
    this.#database.close();
  }
}
