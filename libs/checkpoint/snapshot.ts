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
  /** For the constructor arguments inside a message: which of its own properties was the same object, or -1. */
  readonly twins: readonly number[];

  constructor(
    prototype: object,
    keys: readonly string[],
    values: readonly Copy[],
    twins: readonly number[] = [],
  ) {
    this.prototype = prototype;
    this.keys = keys;
    this.values = values;
    this.twins = twins;
  }
}

const notCopyable = Symbol('not copyable');
const messageMarker = Symbol.for('langchain.message');
const argumentsKey = 'lc_kwargs';
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
    copies.push(key === argumentsKey ? withTwins(copy, value, keys) : copy);
  }
  return new CopiedObject(prototype, keys, copies);
}

function isCopyableKind(value: object, prototype: object): boolean {
  if (prototype === Array.prototype) return Object.keys(value).length === Reflect.get(value, 'length');
  // A plain object with "lc" may be revived as something else by the serializer: only its bytes tell.
  if (prototype === Object.prototype) return !Object.hasOwn(value, 'lc');
  return Reflect.get(value, messageMarker) === true && Object.hasOwn(value, argumentsKey);
}

function withTwins(copy: Copy, message: object, keys: readonly string[]): Copy {
  if (!(copy instanceof CopiedObject)) return copy;
  const given: object = Reflect.get(message, argumentsKey);
  const twins = copy.keys.map((key) => {
    const twin: unknown = Reflect.get(given, key);
    return typeof twin === 'object' && twin === Reflect.get(message, key) ? keys.indexOf(key) : -1;
  });
  return new CopiedObject(copy.prototype, copy.keys, copy.values, twins);
}

/** Runs over every element of a history in every turn: no allocation, and each shared object is compared once. */
function equalsCopy(value: unknown, copy: Copy, message?: object): boolean {
  if (!(copy instanceof CopiedObject)) return value === copy;
  if (typeof value !== 'object' || value === null) return false;
  if (Object.getPrototypeOf(value) !== copy.prototype) return false;
  if (Array.isArray(value)) return equalsList(value, copy);
  // The copy was made of an object with these keys; reading them by name is all that is done with it.
  const object = value as Readonly<Record<string, unknown>>;
  const { keys, values, twins } = copy;
  let i = 0;
  for (const key in object) {
    if (key !== keys[i]) return false;
    const isTwin =
      message !== undefined && (twins[i] ?? -1) >= 0 && object[key] === Reflect.get(message, key);
    if (!isTwin && !equalsCopy(object[key], values[i], key === argumentsKey ? object : undefined))
      return false;
    i += 1;
  }
  return i === keys.length;
}

function equalsList(value: readonly unknown[], copy: CopiedObject): boolean {
  if (value.length !== copy.values.length) return false;
  for (let i = 0; i < value.length; i += 1) {
    if (!equalsCopy(value[i], copy.values[i])) return false;
  }
  return true;
}

function restoreCopy(copy: Copy): unknown {
  if (!(copy instanceof CopiedObject)) return copy;
  if (copy.prototype === Array.prototype) return copy.values.map(restoreCopy);
  const restored: object = Object.create(copy.prototype);
  const set = (key: string | symbol, value: unknown) =>
    Object.defineProperty(restored, key, { value, writable: true, enumerable: true, configurable: true });
  copy.keys.forEach((key, i) => {
    set(key, restoreCopy(copy.values[i]));
  });
  if (copy.prototype !== Object.prototype) set(messageMarker, true);
  return restored;
}
