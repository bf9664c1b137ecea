import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, type StoredRecord } from './stored-record.ts';
import { decodeStoredValue, encodeStoredValue } from './stored-value.ts';
import { decodeStoredWrite, encodeStoredWrite } from './stored-write.ts';

const typedBytes = fc.record({ type: fc.constantFrom('json', 'bytes', 'aes-gcm'), bytes: fc.uint8Array() });
const optional = fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined });
const record: fc.Arbitrary<StoredRecord> = fc.record({
  parentId: optional,
  rootId: optional,
  needsParent: fc.boolean(),
  hasParentSends: fc.boolean(),
  resumedParent: fc.boolean(),
  blobs: fc
    .array(fc.tuple(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\w-]{16}$/)))
    .map((pairs) => new Map(pairs)),
  inline: fc.array(fc.tuple(fc.string(), typedBytes)).map((pairs) => new Map(pairs)),
  checkpoint: typedBytes,
  metadata: typedBytes,
});
const plain = (bytes: Uint8Array) => [...bytes];

describe('what is stored', () => {
  it('as a record reads back as it was', () => {
    fc.assert(
      fc.property(record, (before) => {
        const after = decodeRecord(encodeRecord(before));
        const comparable = (one: StoredRecord | undefined) =>
          one && {
            ...one,
            checkpoint: { type: one.checkpoint.type, bytes: plain(one.checkpoint.bytes) },
            metadata: { type: one.metadata.type, bytes: plain(one.metadata.bytes) },
            inline: [...one.inline].map(([channel, part]) => [channel, part.type, plain(part.bytes)]),
          };
        expect(comparable(after)).toEqual(comparable(before));
      }),
    );
  });

  it('as a value reads back as it was, under a name that its content alone decides', () => {
    const value = fc.record({
      previous: fc.option(fc.stringMatching(/^[\w-]{16}$/), { nil: undefined }),
      keep: fc.nat(),
    });
    fc.assert(
      fc.property(value, typedBytes, (link, part) => {
        const { blob, content } = encodeStoredValue({ ...link, ...part });
        const decoded = decodeStoredValue(content);
        expect({ ...decoded, bytes: plain(decoded?.bytes ?? part.bytes) }).toEqual({
          ...link,
          ...part,
          bytes: plain(part.bytes),
        });
        expect(encodeStoredValue({ ...link, ...part }).blob).toBe(blob);
        expect(encodeStoredValue({ ...link, ...part, keep: link.keep + 1 }).blob).not.toBe(blob);
      }),
    );
  });

  it('as a write reads back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), typedBytes, (channel, value) => {
        const decoded = decodeStoredWrite(encodeStoredWrite(channel, value));
        expect(decoded?.channel).toBe(channel);
        expect(plain(decoded?.value.bytes ?? new Uint8Array())).toEqual(plain(value.bytes));
      }),
    );
  });

  it('is never guessed from bytes of another kind', () => {
    for (const bytes of [
      '',
      'x',
      '\n',
      '{}\n',
      '[]\n',
      'null\n',
      '{"t":[[0,"json",99]]}\nshort',
      '- x json\n',
      '1\n',
    ]) {
      const content = Buffer.from(bytes);
      expect([decodeRecord(content), decodeStoredValue(content), decodeStoredWrite(content)]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });
});
