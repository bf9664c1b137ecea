import { createHash } from 'node:crypto';
import { z } from 'zod';
import { completed, type DatabaseFactory, type IndexedDatabase, settled } from './indexed-db.ts';

const databaseName = '::vagent';
const usedStore = 'used_indexes';
const version = 1;
/** In place of indexes. */
const givenUp = 'all';
const used = z.record(z.string(), z.string()).default({});

/**
 * Which event each ratchet index of a session was first seen with. Whoever can put events into a room, its homeserver
 * first of all, could send a ciphertext again as another event; the SDK would read it again (client-server API,
 * "m.megolm.v1.aes-sha2": clients must guard against replays).
 */
export class UsedIndexes {
  readonly #database: IndexedDatabase;

  private constructor(database: IndexedDatabase) {
    this.#database = database;
  }

  /** A database beside those of the SDK: it is stored and restored with them. */
  static async open(factory: DatabaseFactory, name: string): Promise<UsedIndexes> {
    const request = factory.open(name + databaseName, version);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(usedStore, {});
    };
    return new UsedIndexes(await settled(request));
  }

  /** Notes the event down; false where the index was seen with another one. */
  async claim(session: string, index: number, event: string): Promise<boolean> {
    const transaction = this.#database.transaction([usedStore], 'readwrite');
    const done = completed(transaction);
    const store = transaction.objectStore(usedStore);
    const known = used.parse(await settled(store.get(session)));
    const digest = createHash('sha256').update(event).digest('base64url').slice(0, 16);
    const isFirst = known[index] === undefined && known[givenUp] === undefined;
    if (isFirst) store.put({ ...known, [index]: digest }, session);
    await done;
    return isFirst || known[index] === digest;
  }

  /**
   * No event of these sessions counts any more, whoever brings their keys again. A session of which nothing was read needs
   * no mark.
   */
  async giveUp(sessions: readonly string[]): Promise<void> {
    if (sessions.length === 0) return;
    const transaction = this.#database.transaction([usedStore], 'readwrite');
    const done = completed(transaction);
    const store = transaction.objectStore(usedStore);
    const known = await Promise.all(sessions.map((session) => settled(store.get(session))));
    for (const [index, session] of sessions.entries()) {
      if (known[index] !== undefined) store.put({ [givenUp]: 'yes' }, session);
    }
    await done;
  }

  close(): void {
    this.#database.close();
  }
}
