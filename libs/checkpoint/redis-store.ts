import {
  BaseStore,
  type GetOperation,
  type Item,
  type ListNamespacesOperation,
  type Operation,
  type OperationResults,
  type PutOperation,
  type SearchItem,
  type SearchOperation,
  type SerializerProtocol,
} from '@langchain/langgraph-checkpoint';
import { StoreDataError, StoreRequestError } from './errors.ts';
import { executeWrites } from './execute-writes.ts';
import { encodeKeyPart } from './key-part.ts';
import { listNamespaces } from './list-namespaces.ts';
import type { RedisClient } from './redis-client.ts';
import { runScript } from './run-script.ts';
import { matchesFilter } from './store-filter.ts';
import { decodeStoredItem, memberOf, parseMember } from './stored-item.ts';
import { hashTagOf } from './thread-keys.ts';
import { load } from './typed-bytes.ts';
import { wordScore } from './word-score.ts';

export interface RedisStoreOptions {
  readonly redis: RedisClient;
  /** Prefix of all keys of this store, with a hash tag: one store is one slot of a Cluster, as `vagent:{3}:memory`. */
  readonly prefix: string;
  /** Lifetime of an item, counted anew from every put. Default: no expiry. */
  readonly ttlMs?: number;
  /** Turns values into bytes and back, e.g. encrypting them; default plain JSON. */
  readonly serde?: SerializerProtocol;
  /** Not supported: core Redis has no vector search. Giving one is refused. */
  readonly index?: never;
}

const pageSize = 100;

/**
 * LangGraph's long-term memory on core Redis commands: one string per item and one sorted set of their names.
 * Searching walks the names below the prefix, in their order, so its cost is the number of items there. A `query` is
 * matched by words, not by meaning: results carry the share of its words that they contain, best first; items with none of
 * them are left out.
 */
export class RedisStore extends BaseStore {
  readonly #redis: RedisClient;
  readonly #prefix: string;
  readonly #index: string;
  readonly #ttlMs: number;
  readonly #serde: SerializerProtocol;

  constructor(options: RedisStoreOptions) {
    super();
    if (options.index !== undefined) {
      throw new StoreRequestError(
        'RedisStore has no vector index, core Redis cannot search by meaning: remove `index`. Free-text queries are matched by words',
      );
    }
    if (hashTagOf(options.prefix) === undefined) {
      throw new StoreRequestError(
        `RedisStore: the prefix ${JSON.stringify(options.prefix)} has no hash tag: write it as "vagent:{3}:memory"`,
      );
    }
    this.#redis = options.redis;
    this.#prefix = options.prefix;
    this.#index = `${options.prefix}:index`;
    this.#ttlMs = options.ttlMs ?? 0;
    this.#serde = options.serde ?? plainJson;
  }

  /** Reads first, as of before the batch, then the puts; of several puts of one item the last one counts. */
  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const puts = new Map<string, PutOperation>();
    for (const operation of operations) {
      if (isPut(operation)) puts.set(memberOf(requirePlace(operation)), operation);
    }
    const results = await Promise.all(operations.map((operation) => this.#answer(operation)));
    await Promise.all([...puts].map(([member, operation]) => this.#store(member, operation)));
    // Trust boundary: the mapped type cannot follow the discrimination above, element by element.
    return results as OperationResults<Op>;
  }

  async #answer(operation: Operation): Promise<Item | SearchItem[] | string[][] | null | undefined> {
    if (isPut(operation)) return undefined;
    if (isSearch(operation)) return this.#search(operation);
    if (isGet(operation)) return this.#item(requirePlace(operation));
    return this.#namespaces(operation);
  }

  async #item(place: GetOperation): Promise<Item | null> {
    const member = memberOf(place);
    const content = await this.#redis.getBuffer(this.#keyOf(member));
    return content === null ? null : this.#decode(member, content);
  }

  async #store(member: string, { value }: PutOperation): Promise<void> {
    const key = this.#keyOf(member);
    if (value === null) {
      await executeWrites(this.#redis, [
        { command: 'DEL', key, args: [] },
        { command: 'ZREM', key: this.#index, args: [member] },
      ]);
      return;
    }
    const [type, bytes] = await this.#serde.dumpsTyped(value);
    const args = [member, new Date().toISOString(), type, Buffer.from(bytes), String(this.#ttlMs)];
    await runScript(this.#redis, 'put-item', [key, this.#index], args);
  }

  async #search(operation: SearchOperation): Promise<SearchItem[]> {
    const { namespacePrefix, filter = {}, limit = 10, offset = 0, query } = operation;
    const ranked = query !== undefined && wordScore('', query) !== undefined;
    const found: SearchItem[] = [];
    for await (const item of this.#itemsUnder(namespacePrefix)) {
      if (!matchesFilter(item.value, filter)) continue;
      const score = ranked ? wordScore(item.value, query) : undefined;
      if (score === 0) continue;
      found.push({ ...item, ...(score !== undefined && { score }) });
      if (!ranked && found.length >= offset + limit) break;
    }
    if (ranked) found.sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
    return found.slice(offset, offset + limit);
  }

  async #namespaces(operation: ListNamespacesOperation): Promise<string[][]> {
    const namespaces: string[][] = [];
    for await (const page of this.#livePages([])) {
      namespaces.push(...page.map(({ member }) => parseMember(member).namespace));
    }
    return listNamespaces(namespaces, operation);
  }

  async *#itemsUnder(namespacePrefix: readonly string[]): AsyncGenerator<Item> {
    for await (const page of this.#livePages(namespacePrefix)) {
      for (const { member, content } of page) yield this.#decode(member, content);
    }
  }

  /** Pages of what exists below a prefix; names of items that expired are removed on the way. */
  async *#livePages(
    namespacePrefix: readonly string[],
  ): AsyncGenerator<{ readonly member: string; readonly content: Buffer }[]> {
    const path = namespacePrefix.map(encodeKeyPart).join(':');
    const [from, to] = path === '' ? ['-', '+'] : [`[${path}:`, `(${path};`];
    const members = await this.#redis.zrangebylex(this.#index, from, to);
    for (let start = 0; start < members.length; start += pageSize) {
      const page = members.slice(start, start + pageSize);
      const contents = await this.#redis.mgetBuffer(page.map((member) => this.#keyOf(member)));
      const expired = page.filter((_, i) => contents[i] === null);
      if (expired.length > 0) {
        const keys = [this.#index, ...expired.map((member) => this.#keyOf(member))];
        await runScript(this.#redis, 'drop-expired', keys, expired);
      }
      yield page.flatMap((member, i) => {
        const content = contents[i];
        return content ? [{ member, content }] : [];
      });
    }
  }

  async #decode(member: string, content: Buffer): Promise<Item> {
    const stored = decodeStoredItem(content);
    const value: unknown = stored && (await load(stored.value, this.#serde));
    if (stored === undefined || typeof value !== 'object' || value === null) {
      throw new StoreDataError(this.#keyOf(member));
    }
    const { createdAt, updatedAt } = stored;
    return { ...parseMember(member), value, createdAt, updatedAt };
  }

  #keyOf(member: string): string {
    return `${this.#prefix}:item:${member}`;
  }
}

const plainJson: SerializerProtocol = {
  dumpsTyped: async (data) => ['json', Buffer.from(JSON.stringify(data))],
  loadsTyped: async (_type, data) =>
    JSON.parse(typeof data === 'string' ? data : Buffer.from(data).toString()),
};

function isPut(operation: Operation): operation is PutOperation {
  return 'value' in operation;
}

function isSearch(operation: Operation): operation is SearchOperation {
  return 'namespacePrefix' in operation;
}

function isGet(operation: Operation): operation is GetOperation {
  return 'namespace' in operation && 'key' in operation;
}

function requirePlace<Place extends GetOperation>(place: Place): Place {
  const isPath = place.namespace.length > 0 && place.namespace.every((label) => label !== '');
  if (isPath) return place;
  throw new StoreRequestError(
    `The namespace ${JSON.stringify(place.namespace)} of item ${JSON.stringify(place.key)} must be a list of non-empty labels`,
  );
}
