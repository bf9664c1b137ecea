import { CheckpointConfigError } from './errors.ts';
import { decodeKeyPart, encodeKeyPart } from './key-part.ts';

/**
 * Everything of one thread lives in two keys of one slot, so that expiry, deletion and scripts never need to search:
 * - `data`, a hash. Fields: `c:<ns>:<id>` a checkpoint record, `v:<ns>:<channel>:<blob>` a channel value or the new
 *   tail of a list, `w:<ns>:<id>:<task>:<idx>` a pending write.
 * - `index`, a sorted set of score 0 whose members are the `c:` and `w:` fields: in lexical order, so the newest
 *   checkpoint of a namespace is the last member with its prefix.
 */
export interface ThreadKeys {
  readonly data: string;
  readonly index: string;
}

export function threadKeys(prefix: string): ThreadKeys {
  if (!hashTagOf(prefix)) {
    throw new CheckpointConfigError(
      `keyOf() returned ${JSON.stringify(prefix)}, which has no hash tag: put a part of it in braces, ` +
        'as in "vagent:{3}:thread:…", or the keys of a thread fall into different slots of a Redis Cluster',
    );
  }
  return { data: `${prefix}:data`, index: `${prefix}:index` };
}

/** The part of a key that decides its slot, or undefined where the whole key does. */
export function hashTagOf(key: string): string | undefined {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  return open < 0 || close <= open + 1 ? undefined : key.slice(open + 1, close);
}

export function checkpointField(ns: string, id: string): string {
  return `c:${encodeKeyPart(ns)}:${encodeKeyPart(id)}`;
}

export function valueField(ns: string, channel: string, blob: string): string {
  return `v:${encodeKeyPart(ns)}:${encodeKeyPart(channel)}:${blob}`;
}

/** `idx` may be negative (errors, interrupts); it is shifted and padded so that text order is its order. */
export function writeField(ns: string, id: string, taskId: string, idx: number): string {
  const place = String(idx + 8).padStart(6, '0');
  return `w:${encodeKeyPart(ns)}:${encodeKeyPart(id)}:${encodeKeyPart(taskId)}:${place}`;
}

export function parseCheckpointField(field: string): { ns: string; id: string } {
  const [, ns = '', id = ''] = field.split(':');
  return { ns: decodeKeyPart(ns), id: decodeKeyPart(id) };
}

export function parseTaskId(field: string): string {
  return decodeKeyPart(field.split(':')[3] ?? '');
}
