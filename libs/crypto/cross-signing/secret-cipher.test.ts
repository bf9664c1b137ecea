import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readRecoveryKey } from './recovery-key.ts';
import { describeKey, isKeyDescribedBy, openSecret, sealSecret } from './secret-cipher.ts';

describe('secrets in account data', () => {
  const key = randomBytes(32);
  const sealed = sealSecret(key, 'm.cross_signing.master', 'a seed');

  it('open with their key, under their name only', () => {
    expect(openSecret(key, 'm.cross_signing.master', sealed)).toBe('a seed');
    expect(openSecret(key, 'm.cross_signing.self_signing', sealed)).toBeUndefined();
    expect(openSecret(randomBytes(32), 'm.cross_signing.master', sealed)).toBeUndefined();
  });

  it('do not open once they were changed', () => {
    const ciphertext = Buffer.from(sealed.ciphertext, 'base64');
    ciphertext.writeUInt8(ciphertext.readUInt8(0) ^ 1, 0);
    const changed = { ...sealed, ciphertext: ciphertext.toString('base64') };
    expect(openSecret(key, 'm.cross_signing.master', changed)).toBeUndefined();
    expect(openSecret(key, 'm.cross_signing.master', { iv: '', ciphertext: '', mac: '' })).toBeUndefined();
  });

  it('are described as matrix-rust-sdk describes the same key', () => {
    const read = readRecoveryKey('EsTj 3yST y93F SLpB jJsz eAXc 2XzA ygD3 w69H fGaN TKBj jXEd');
    const described = {
      iv: 'xv5b6/p3ExEw++wTyfSHEg==',
      mac: 'ujBBbXahnTAMkmPUX2/0+VTfUh63pGyVRuBcDMgmJC8=',
    };
    expect(read.ok && isKeyDescribedBy(read.key, described)).toBe(true);
  });

  it('tell the right key from another', () => {
    expect(isKeyDescribedBy(key, describeKey(key))).toBe(true);
    expect(isKeyDescribedBy(randomBytes(32), describeKey(key))).toBe(false);
  });
});
