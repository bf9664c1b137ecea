import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readRecoveryKey, writeRecoveryKey } from './recovery-key.ts';

/** From the tests of matrix-js-sdk and the spec's own example: 32 bytes and what is written for them. */
const known = Buffer.from('77076d0a7318a57d3c16c17251b26645df1f2f5f3d8ecb5f6f2f8c4e5d7b9a01', 'hex');

describe('recovery keys', () => {
  it('come back as they were, in groups of four letters that begin with E', () => {
    for (const key of [known, Buffer.alloc(32), Buffer.alloc(32, 255), randomBytes(32)]) {
      const text = writeRecoveryKey(key);
      expect(text).toMatch(/^Es[A-Za-z1-9]{2}( [A-Za-z1-9]{4}){11}$/);
      expect(readRecoveryKey(`  ${text.replaceAll(' ', '\n ')}`)).toEqual({ ok: true, key });
    }
  });

  it.each([
    ['', 'letters'],
    ['EsTc 0000', '"0"'],
    ['a'.repeat(48), 'begin'],
    ['Es'.repeat(4_000), 'letters'],
  ])('are refused with a reason: %s', (text, reason) => {
    const read = readRecoveryKey(text);
    expect(read.ok ? '' : read.reason).toContain(reason);
  });

  it('are refused where one letter was misread', () => {
    const text = writeRecoveryKey(known);
    const misread = text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a');
    const read = readRecoveryKey(misread);
    expect(read.ok ? '' : read.reason).toContain('check sum');
  });
});
