import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';
import { dump, load } from './typed-bytes.ts';

/**
 * A private copy of a value as it was when it was stored. LangGraph hands its live objects to a saver and user code
 * may change them in place, so "unchanged" is never decided by reference: it is decided against this copy.
 */
export type Snapshot =
  | { readonly kind: 'copy'; readonly copy: Copy }
  | { readonly kind: 'opaque'; readonly type: string; readonly bytes: Uint8Array };

type Primitive = string | number | boolean | null | undefined;
type Copy = Primitive | CopiedObject;

/**
 * Copies JSON data and LangChain messages structurally, which makes comparing them cheap. Everything else (dates,
 * maps, class instances, numbers JSON cannot write) is kept as its serialised bytes.
 */
export async function takeSnapshot(value: unknown, serde: SerializerProtocol): Promise<Snapshot> {
  const copy = copyOf(value, 0);
  if (copy !== notCopyable) return { kind: 'copy', copy };
  return { kind: 'opaque', ...(await dump(value, serde)) };
}

/** Whether `value` would be stored as what the snapshot was taken from. */
export async function matchesSnapshot(
  value: unknown,
  snapshot: Snapshot,
  serde: SerializerProtocol,
): Promise<boolean> {
  if (snapshot.kind === 'copy') return equalsCopy(value, snapshot.copy);
  const [type, bytes] = await serde.dumpsTyped(value);
  return type === snapshot.type && Buffer.compare(bytes, snapshot.bytes) === 0;
}

/** The synchronous part of `matchesSnapshot`; undefined where only the serialised bytes can tell. */
export function matchesCopy(value: unknown, snapshot: Snapshot): boolean | undefined {
  return snapshot.kind === 'copy' ? equalsCopy(value, snapshot.copy) : undefined;
}

/** A fresh value equal to what the snapshot was taken from, sharing nothing that can be changed. */
export async function restoreSnapshot(snapshot: Snapshot, serde: SerializerProtocol): Promise<unknown> {
  return snapshot.kind === 'copy' ? restoreCopy(snapshot.copy) : load(snapshot, serde);
}

class CopiedObject {
  readonly prototype: object;
  readonly keys: readonly string[];
  readonly values: readonly Copy[];

  constructor(prototype: object, keys: readonly string[], values: readonly Copy[]) {
    this.prototype = prototype;
    this.keys = keys;
    this.values = values;
  }
}

const notCopyable = Symbol('not copyable');
const messageMarker = Symbol.for('langchain.message');
const deepest = 40;

function copyOf(value: unknown, depth: number): Copy | typeof notCopyable {
  if (value === null || value === undefined) return value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : notCopyable;
  }
  if (typeof value !== 'object' || depth > deepest) return notCopyable;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null || !isCopyableKind(value, prototype)) {
    return notCopyable;
  }
  const keys = Object.keys(value);
  const copies: Copy[] = [];
  for (const key of keys) {
    const copy = copyOf(Reflect.get(value, key), depth + 1);
    if (copy === notCopyable) return notCopyable;
    copies.push(copy);
  }
  return new CopiedObject(prototype, keys, copies);
}

function isCopyableKind(value: object, prototype: object): boolean {
  if (prototype === Array.prototype) return Object.keys(value).length === Reflect.get(value, 'length');
  // A plain object with "lc" may be revived as something else by the serializer: only its bytes tell.
  if (prototype === Object.prototype) return !Object.hasOwn(value, 'lc');
  return Reflect.get(value, messageMarker) === true && Object.hasOwn(value, 'lc_kwargs');
}

function equalsCopy(value: unknown, copy: Copy): boolean {
  if (!(copy instanceof CopiedObject)) return Object.is(value, copy);
  if (typeof value !== 'object' || value === null) return false;
  if (Object.getPrototypeOf(value) !== copy.prototype) return false;
  const keys = Object.keys(value);
  if (keys.length !== copy.keys.length) return false;
  for (let i = 0; i < keys.length; i += 1) {
    const key = copy.keys[i];
    if (key === undefined || keys[i] !== key) return false;
    if (!equalsCopy(Reflect.get(value, key), copy.values[i])) return false;
  }
  return true;
}

function restoreCopy(copy: Copy): unknown {
  if (!(copy instanceof CopiedObject)) return copy;
  if (copy.prototype === Array.prototype) return copy.values.map(restoreCopy);
  const restored: object = Object.create(copy.prototype);
  copy.keys.forEach((key, i) => {
    const value = restoreCopy(copy.values[i]);
    Object.defineProperty(restored, key, { value, writable: true, enumerable: true, configurable: true });
  });
  if (copy.prototype !== Object.prototype) Object.defineProperty(restored, messageMarker, { value: true });
  return restored;
}
