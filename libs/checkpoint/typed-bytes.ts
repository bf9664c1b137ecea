import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';

/** Serialised bytes with the type that the serializer gave them. */
export interface TypedBytes {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Serialises a value into bytes of its own: a serializer may return a byte array that the graph goes on using. */
export async function dump(value: unknown, serde: SerializerProtocol): Promise<TypedBytes> {
  const [type, bytes] = await serde.dumpsTyped(value);
  return { type, bytes: bytes === value ? Uint8Array.from(bytes) : bytes };
}

/** The value again. A byte array comes as a plain Uint8Array that shares nothing with a reply or a cache. */
export async function load(stored: TypedBytes, serde: SerializerProtocol): Promise<unknown> {
  const { buffer, byteOffset, byteLength } = stored.bytes;
  const view = new Uint8Array(buffer, byteOffset, byteLength);
  const value: unknown = await serde.loadsTyped(stored.type, view);
  return value === view ? Uint8Array.from(view) : value;
}
