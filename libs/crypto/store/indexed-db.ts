/** A key of a record as the crypto SDK uses them. */
export type RecordKey = string | number | readonly RecordKey[];

/** The part of IndexedDB (W3C, "Indexed Database API 3.0") that is used here; this program has no DOM types. */
export interface Request<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

export interface OpenRequest extends Request<IndexedDatabase> {
  onupgradeneeded: (() => void) | null;
}

export interface IndexedDatabase {
  readonly name: string;
  readonly version: number;
  readonly objectStoreNames: Iterable<string>;
  createObjectStore(name: string, options: object): ObjectStore;
  transaction(stores: readonly string[], mode?: 'readonly' | 'readwrite'): Transaction;
  close(): void;
}

export interface Transaction {
  readonly db: IndexedDatabase;
  objectStore(name: string): ObjectStore;
  addEventListener(type: 'complete' | 'abort' | 'error', listener: () => void): void;
}

export interface ObjectStore {
  readonly name: string;
  readonly keyPath: string | string[] | null;
  readonly autoIncrement: boolean;
  readonly indexNames: Iterable<string>;
  readonly transaction: Transaction;
  index(name: string): {
    readonly keyPath: string | string[];
    readonly unique: boolean;
    readonly multiEntry: boolean;
  };
  createIndex(name: string, keyPath: string | string[], options: object): unknown;
  get(key: RecordKey): Request<unknown>;
  count(): Request<number>;
  getAllKeys(): Request<RecordKey[]>;
  getAll(): Request<unknown[]>;
  put(value: unknown, key?: RecordKey): Request<RecordKey>;
  delete(key: RecordKey): Request<undefined>;
}

export interface DatabaseFactory {
  open(name: string, version?: number): OpenRequest;
  databases(): Promise<{ name: string; version: number }[]>;
  deleteDatabase(name: string): Request<unknown>;
}

export function settled<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export function completed(transaction: Transaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    const fail = (): void => reject(new Error('A transaction of the crypto store in memory was aborted'));
    transaction.addEventListener('abort', fail);
    transaction.addEventListener('error', fail);
  });
}
