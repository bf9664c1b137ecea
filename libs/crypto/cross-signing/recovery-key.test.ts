import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readRecoveryKey, writeRecoveryKey } from './recovery-key.ts';

/** Alice's private key of RFC 7748 (6.1), and what Matrix clients write for it. */
const known = Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex');
const written = 'EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d';

describe('recovery keys', () => {
  it('come back as they were, in groups of four letters that begin with E', () => {
    for (const key of [known, Buffer.alloc(32), Buffer.alloc(32, 255), randomBytes(32)]) {
      const text = writeRecoveryKey(key);
      expect(text).toMatch(/^Es[A-Za-z1-9]{2}( [A-Za-z1-9]{4}){11}$/);
      expect(readRecoveryKey(`  ${text.replaceAll(' ', '\n ')}`)).toEqual({ ok: true, key });
    }
  });

  it('are written as other clients write them', () => {
    expect(writeRecoveryKey(known).replaceAll(' ', '')).toBe(written);
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
