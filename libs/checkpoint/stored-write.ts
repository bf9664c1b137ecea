import type { TypedBytes } from './typed-bytes.ts';

/** One pending write: `["channel","type"]\n` and the serialised value. Scripts look at the channel only. */
export function encodeStoredWrite(channel: string, value: TypedBytes): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify([channel, value.type])}\n`), value.bytes]);
}

/** Undefined where the bytes are not a pending write. */
export function decodeStoredWrite(content: Buffer): { channel: string; value: TypedBytes } | undefined {
  const end = content.indexOf(10);
  try {
    const [channel, type]: unknown[] = JSON.parse(content.toString('utf8', 0, Math.max(end, 0)));
    if (typeof channel !== 'string' || typeof type !== 'string') return undefined;
    return { channel, value: { type, bytes: content.subarray(end + 1) } };
  } catch {
    return undefined;
  }
}
