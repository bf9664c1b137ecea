import { createHash } from 'node:crypto';

/**
 * One stored channel value: `<previous blob or -> <keep> <type>\n` and the serialised bytes. A value that stands alone
 * has no previous blob. A list that continues another one stores only its new tail and says how many leading elements
 * of the previous blob's list come before it. Never changed once written: its name is the digest of its content.
 */
export interface StoredValue {
  readonly previous: string | undefined;
  readonly keep: number;
  readonly type: string;
  readonly bytes: Uint8Array;
}

export function encodeStoredValue(value: StoredValue): { blob: string; content: Buffer } {
  const content = Buffer.concat([
    Buffer.from(`${value.previous ?? '-'} ${value.keep} ${value.type}\n`),
    value.bytes,
  ]);
  const blob = createHash('sha1').update(content).digest('base64url').slice(0, 16);
  return { blob, content };
}

/** Undefined where the bytes are not a stored value. */
export function decodeStoredValue(content: Buffer): StoredValue | undefined {
  const end = content.indexOf(10);
  const header = /^(\S+) (\d+) (\S+)$/.exec(content.toString('utf8', 0, Math.max(end, 0)));
  const [, previous, keep, type] = header ?? [];
  if (previous === undefined || keep === undefined || type === undefined) return undefined;
  return {
    previous: previous === '-' ? undefined : previous,
    keep: Number(keep),
    type,
    bytes: content.subarray(end + 1),
  };
}
