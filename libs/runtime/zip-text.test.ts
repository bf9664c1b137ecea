import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zipDictionary } from './zip-dictionary.ts';
import { unzipText, zipText } from './zip-text.ts';

describe('zipped texts', () => {
  it('come back as they were, whatever they say', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', minLength: 512 }),
      fc.string({ minLength: 1, maxLength: 20 }).map((word) => word.repeat(600)),
      fc
        .array(fc.record({ role: fc.constantFrom('user', 'assistant'), text: fc.string() }))
        .map((list) => JSON.stringify(list)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const zipped = zipText(text);
        if (zipped !== undefined) expect(unzipText(zipped)).toBe(text);
        expect(zipped?.length ?? 0).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it('are read with the dictionary that they were written with: it never changes', () => {
    const digest = createHash('sha256').update(zipDictionary).digest('hex');
    expect(digest).toBe('b9859ce228c9b143e97f07a8f6abf6a86c85c10dc90125d79152f9a8adb86f6a');
    expect(unzipText('zip1.w5ExMlJzcvIVRslRkrqkUi0A')).toBe(
      `{"role":"user","text":"${'hello '.repeat(100)}"}`,
    );
  });

  it('are only made of what is long', () => {
    expect(zipText('a'.repeat(511))).toBeUndefined();
    expect(zipText('a'.repeat(512))).toMatch(/^zip1\./);
  });

  it('are told from what only looks like one, and from what would fill the memory', () => {
    const bomb = deflateRawSync(Buffer.alloc(17 * 1024 * 1024), {
      dictionary: zipDictionary,
      windowBits: 12,
    });
    for (const text of [
      '',
      'zip1.',
      'zip1.####',
      'zip1.aaaa',
      'zip2.aaaa',
      `zip1.${bomb.toString('base64url')}`,
    ]) {
      expect(unzipText(text)).toBeUndefined();
    }
  });
});
