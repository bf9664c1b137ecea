import * as fake from 'fake-indexeddb';
import type { DatabaseFactory, ObjectStore, RecordKey, Transaction } from './indexed-db.ts';

/** What a transaction has written: a record, or, where it does not say which, any of its store. */
export interface Touched {
  readonly store: string;
  readonly key: RecordKey | undefined;
}

export type CommitListener = (database: string, touched: readonly Touched[]) => void;

export interface InstalledIndexedDb {
  readonly factory: DatabaseFactory;
  /** Tells of every transaction that has written to databases whose names start so, when it is complete. */
  onCommit(namePrefix: string, listener: CommitListener): () => void;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

let installed: InstalledIndexedDb | undefined;

/**
 * Puts an IndexedDB that lives in memory into the global scope, where the crypto SDK looks for one, once for the
 * process, with eyes on what is written. Databases of several devices live in it beside each other.
 */
export function installIndexedDb(): InstalledIndexedDb {
  installed ??= install();
  return installed;
}

function install(): InstalledIndexedDb {
  // All classes, as the SDK's bindings ask `instanceof`.
  for (const [name, value] of Object.entries(fake)) {
    if (!/^(IDB|indexedDB$)/.test(name)) continue;
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const listeners = new Map<string, CommitListener>();
  const open = new WeakMap<object, Touched[]>();

  const touch = (transaction: Transaction, touched: Touched): void => {
    const known = open.get(transaction);
    if (known !== undefined) {
      known.push(touched);
      return;
    }
    const all = [touched];
    open.set(transaction, all);
    transaction.addEventListener('complete', () => {
      for (const [prefix, listener] of listeners) {
        if (transaction.db.name.startsWith(prefix)) listener(transaction.db.name, all);
      }
    });
  };
  watchStores(touch);
  watchCursors(touch);
  return {
    // Boundary: the package names DOM types, which this program does not load.
    factory: fake.indexedDB as unknown as DatabaseFactory,
    onCommit: (namePrefix, listener) => {
      listeners.set(namePrefix, listener);
      return () => listeners.delete(namePrefix);
    },
  };
}

function watchStores(touch: (transaction: Transaction, touched: Touched) => void): void {
  const prototype = methodsOf(fake.IDBObjectStore.prototype);
  const keyAt: Record<string, number> = { put: 1, add: 1, delete: 0 };
  for (const name of ['put', 'add', 'delete', 'clear']) {
    wrap(prototype, name, (self, args) => {
      // Boundary: the method was called on an object store.
      const store = self as ObjectStore;
      const key = args[keyAt[name] ?? args.length];
      touch(store.transaction, { store: store.name, key: isRecordKey(key) ? key : undefined });
    });
  }
}

function watchCursors(touch: (transaction: Transaction, touched: Touched) => void): void {
  const prototype = methodsOf(fake.IDBCursor.prototype);
  for (const name of ['update', 'delete']) {
    wrap(prototype, name, (self) => {
      // Boundary: the method was called on a cursor, whose source is a store or an index of one.
      const { source } = self as { source: ObjectStore | { objectStore: ObjectStore } };
      const store = 'objectStore' in source ? source.objectStore : source;
      touch(store.transaction, { store: store.name, key: undefined });
    });
  }
}

function wrap(
  prototype: Record<string, Method>,
  name: string,
  before: (self: unknown, args: readonly unknown[]) => void,
): void {
  const original = prototype[name];
  if (original === undefined) throw new Error(`The IndexedDB in memory has no method ${name}`);
  prototype[name] = function (...args) {
    before(this, args);
    return original.apply(this, args);
  };
}

function methodsOf(prototype: object): Record<string, Method> {
  // Boundary: what a prototype of that package holds under the names used here are methods.
  return prototype as Record<string, Method>;
}

function isRecordKey(value: unknown): value is RecordKey {
  if (typeof value === 'string' || typeof value === 'number') return true;
  return Array.isArray(value) && value.every(isRecordKey);
}
