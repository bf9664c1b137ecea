import { decodeKeyPart, encodeKeyPart } from './key-part.ts';
import type { TypedBytes } from './typed-bytes.ts';

/**
 * The record of one checkpoint: a line of JSON that scripts can read (who its parent is, which blobs it refers to),
 * then the serialised parts one after the other. Channel values are either small and carried along inline, or
 * referred to by blob, so that a record does not grow with its history.
 */
export interface StoredRecord {
  readonly parentId: string | undefined;
  /** The checkpoint of the root graph in which this one of a subgraph was made. */
  readonly rootId: string | undefined;
  /** State that is rebuilt from the parent's writes: the parent must be kept as long as this one. */
  readonly needsParent: boolean;
  /** Written before format 4: sends still lie among the parent's writes. */
  readonly hasParentSends: boolean;
  /** Made by resuming its parent: no interrupt of the parent waits any more. */
  readonly resumedParent: boolean;
  readonly blobs: ReadonlyMap<string, string>;
  readonly inline: ReadonlyMap<string, TypedBytes>;
  readonly checkpoint: TypedBytes;
  readonly metadata: TypedBytes;
}

/** `p` parent, `o` root, `n` needs its parent, `s` sends of the parent, `a` answered the parent, `r` blobs, `t` parts. */
interface Header {
  p?: string;
  o?: string;
  n?: 1;
  s?: 1;
  a?: 1;
  r?: [channel: string, blob: string][];
  t: [channel: string | 0, type: string, length: number][];
}

export function encodeRecord(record: StoredRecord): Buffer {
  const parts = [record.checkpoint, record.metadata, ...record.inline.values()];
  const channels = [0, 0, ...record.inline.keys()] as const;
  const header: Header = {
    ...(record.parentId !== undefined && { p: encodeKeyPart(record.parentId) }),
    ...(record.rootId !== undefined && { o: encodeKeyPart(record.rootId) }),
    ...(record.needsParent && { n: 1 }),
    ...(record.hasParentSends && { s: 1 }),
    ...(record.resumedParent && { a: 1 }),
    ...(record.blobs.size > 0 && {
      r: [...record.blobs].map(([channel, blob]): [string, string] => [encodeKeyPart(channel), blob]),
    }),
    t: parts.map((part, i) => [channels[i] ?? 0, part.type, part.bytes.byteLength]),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts.map((part) => part.bytes)]);
}

/** Undefined where the bytes are not a record. */
export function decodeRecord(content: Buffer): StoredRecord | undefined {
  const end = content.indexOf(10);
  const header = parseHeader(content.toString('utf8', 0, Math.max(end, 0)));
  if (header === undefined) return undefined;
  const parts: { channel: string | 0; part: TypedBytes }[] = [];
  let from = end + 1;
  for (const [channel, type, length] of header.t) {
    if (from + length > content.length) return undefined;
    parts.push({ channel, part: { type, bytes: content.subarray(from, from + length) } });
    from += length;
  }
  const [checkpoint, metadata, ...inline] = parts;
  if (checkpoint === undefined || metadata === undefined) return undefined;
  return {
    parentId: header.p === undefined ? undefined : decodeKeyPart(header.p),
    rootId: header.o === undefined ? undefined : decodeKeyPart(header.o),
    needsParent: header.n === 1,
    hasParentSends: header.s === 1,
    resumedParent: header.a === 1,
    blobs: new Map((header.r ?? []).map(([channel, blob]) => [decodeKeyPart(channel), blob])),
    inline: new Map(inline.map(({ channel, part }) => [String(channel), part])),
    checkpoint: checkpoint.part,
    metadata: metadata.part,
  };
}

function parseHeader(line: string): Header | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    const isHeader = typeof parsed === 'object' && parsed !== null && Array.isArray(Reflect.get(parsed, 't'));
    // Trust boundary: only encodeRecord writes a first line with a list of parts.
    return isHeader ? (parsed as Header) : undefined;
  } catch {
    return undefined;
  }
}
