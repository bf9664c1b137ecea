import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { Attachment, EncryptedAttachment } from '@matrix-org/matrix-sdk-crypto-wasm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptMedia } from './decrypt-media.ts';
import { encryptMedia } from './encrypt-media.ts';
import { encryptedFile, mostMediaBytes } from './encrypted-file.ts';

const plain = Buffer.from('a secret picture');
const url = 'mxc://localhost/abc';

describe('encryptMedia', () => {
  it('writes what another implementation opens, of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
        const { ciphertext, key } = encryptMedia(bytes);
        const opened = Attachment.decrypt(
          new EncryptedAttachment(ciphertext, JSON.stringify({ ...key, url })),
        );
        expect(Buffer.from(opened)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 50 },
    );
  });

  it('uses a new key and a new start of the counter each time, whose lower half is zero', () => {
    const [one, two] = [encryptMedia(plain).key, encryptMedia(plain).key];
    expect(one.key.k).not.toBe(two.key.k);
    expect(one.iv).not.toBe(two.iv);
    expect(Buffer.from(one.iv, 'base64').subarray(8)).toEqual(Buffer.alloc(8));
    expect(encryptedFile.safeParse({ ...one, url }).success).toBe(true);
  });

  it('shows nothing of the content', () => {
    expect(encryptMedia(plain).ciphertext.includes('secret')).toBe(false);
  });

  it('refuses more than a process should hold', () => {
    expect(() => encryptMedia(Buffer.alloc(mostMediaBytes + 1))).toThrow(RangeError);
  });
});

describe('decryptMedia', () => {
  it('opens what another implementation wrote', () => {
    const bytes = randomBytes(100_000);
    const attachment = Attachment.encrypt(bytes);
    const file: unknown = JSON.parse(attachment.mediaEncryptionInfo ?? '');
    expect(decryptMedia(attachment.encryptedData, file)).toEqual({ ok: true, bytes });
  });

  it('opens nothing of which a bit was changed', () => {
    const { ciphertext, key } = encryptMedia(plain);
    ciphertext[3] = (ciphertext[3] ?? 0) ^ 1;
    expect(decryptMedia(ciphertext, key)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/hash differs/),
    });
  });

  it('opens nothing that is larger than its reader allows', () => {
    const { ciphertext, key } = encryptMedia(plain);
    expect(decryptMedia(ciphertext, key, { maxBytes: 3 })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/more than 3 bytes/),
    });
  });

  const { ciphertext, key } = encryptMedia(plain);
  it.each([
    ['no object', null, /file/],
    ['another version', { ...key, v: 'v1' }, /v /],
    ['another algorithm', { ...key, key: { ...key.key, alg: 'A256GCM' } }, /key\.alg/],
    ['a key that is too short', { ...key, key: { ...key.key, k: 'AAAA' } }, /key\.k is not 32 bytes/],
    [
      'a key that is no base64url',
      { ...key, key: { ...key.key, k: '%'.repeat(43) } },
      /key\.k is not 32 bytes/,
    ],
    ['a key for other uses', { ...key, key: { ...key.key, key_ops: ['sign'] } }, /does not let decrypt/],
    ['a counter that is too long', { ...key, iv: 'A'.repeat(24) }, /iv is not 16 bytes/],
    ['no hash', { ...key, hashes: {} }, /hashes\.sha256/],
  ])('says why it cannot use %s', (_, file, reason) => {
    const opened = decryptMedia(ciphertext, file);
    expect(opened).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});
