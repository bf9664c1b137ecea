import type { Item } from '@langchain/langgraph-checkpoint';
import { decodeKeyPart, encodeKeyPart } from './key-part.ts';
import type { TypedBytes } from './typed-bytes.ts';

/** An item as `put-item.lua` stores it: `["created","updated","type"]\n` and the serialised value. */
export interface StoredItem {
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly value: TypedBytes;
}

/** Undefined where the bytes are not a stored item. */
export function decodeStoredItem(content: Buffer): StoredItem | undefined {
  const end = content.indexOf(10);
  try {
    const [created, updated, type]: unknown[] = JSON.parse(content.toString('utf8', 0, Math.max(end, 0)));
    if (typeof created !== 'string' || typeof updated !== 'string' || typeof type !== 'string')
      return undefined;
    return {
      createdAt: new Date(created),
      updatedAt: new Date(updated),
      value: { type, bytes: content.subarray(end + 1) },
    };
  } catch {
    return undefined;
  }
}

/** `label:label::key`, each part encoded: the name of an item in the index and in its own key. */
export function memberOf(place: Pick<Item, 'namespace' | 'key'>): string {
  return `${place.namespace.map(encodeKeyPart).join(':')}::${encodeKeyPart(place.key)}`;
}

export function parseMember(member: string): Pick<Item, 'namespace' | 'key'> {
  const [path = '', key = ''] = member.split('::');
  return { namespace: path.split(':').map(decodeKeyPart), key: decodeKeyPart(key) };
}
