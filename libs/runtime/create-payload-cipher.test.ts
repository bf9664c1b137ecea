import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPayloadCipher } from './create-payload-cipher.ts';
import { PayloadForgedError, PayloadKeyError } from './errors.ts';

const newKey = () => randomBytes(32).toString('base64');
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .constantFrom('enc1.', 'raw1.', 'enc1.a.b.c', 'enc2.a.b.c', 'zip1.')
    .chain((mark) => fc.string().map((rest) => mark + rest)),
);

describe('createPayloadCipher', () => {
  it.each([
    ['with a key', newKey()],
    ['without a key', undefined],
  ])('opens what it sealed, whatever the text, %s', (_what, key) => {
    const cipher = createPayloadCipher(key);
    fc.assert(
      fc.property(text, fc.string(), (plain, aad) => {
        expect(cipher.open(cipher.seal(plain, aad), aad)).toBe(plain);
        expect(cipher.open(cipher.sealSmall(plain, aad), aad)).toBe(plain);
      }),
    );
  });

  it('hides the text, differently each time, in an envelope that names its key', () => {
    const cipher = createPayloadCipher(newKey());
    const [one, two] = [cipher.seal('{"text":"canary"}', 'a'), cipher.seal('{"text":"canary"}', 'a')];
    expect(one).toMatch(/^enc1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/);
    expect(one).not.toContain('canary');
    expect(one).not.toBe(two);
    expect(one.split('.')[1]).toBe(two.split('.')[1]);
  });

  it('passes text through without a key and opens unsealed text with one', () => {
    expect(createPayloadCipher(undefined).seal('{"a":1}', 'x')).toBe('{"a":1}');
    expect(createPayloadCipher('  ').seal('{"a":1}', 'x')).toBe('{"a":1}');
    expect(createPayloadCipher(newKey()).open('{"a":1}', 'x')).toBe('{"a":1}');
  });

  it.each([
    ['with a key', newKey(), /^enc2\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/],
    ['without a key', undefined, /^zip1\.[\w-]+$/],
  ])(
    'makes long texts small where that is asked for, and leaves short ones as they are, %s',
    (_what, key, form) => {
      const cipher = createPayloadCipher(key);
      const long = JSON.stringify({
        steps: Array.from({ length: 40 }, (_, at) => ({ name: `step ${at % 7}` })),
      });
      const small = cipher.sealSmall(long, 'a');
      expect(small).toMatch(form);
      expect(small.length).toBeLessThan(cipher.seal(long, 'a').length / 2);
      expect(cipher.open(small, 'a')).toBe(long);
      expect(cipher.sealSmall('{"a":1}', 'a').startsWith(key === undefined ? '{"a":1}' : 'enc1.')).toBe(true);
    },
  );

  it('refuses what was zipped and sealed when it is moved, changed, or passed off as not zipped', () => {
    const cipher = createPayloadCipher(newKey());
    const small = cipher.sealSmall('{"a":1}'.repeat(200), 'a');
    for (const forged of [small.replace('enc2.', 'enc1.'), `${small.slice(0, -2)}AA`]) {
      expect(() => cipher.open(forged, 'a')).toThrow(PayloadForgedError);
    }
    expect(() => cipher.open(small, 'b')).toThrow(PayloadForgedError);
  });

  it('names the missing key when it has none or another one', () => {
    const sealed = createPayloadCipher(newKey()).seal('x', 'a');
    const keyId = sealed.split('.')[1] ?? '';
    const none = () => createPayloadCipher(undefined).open(sealed, 'a');
    const other = () => createPayloadCipher(newKey()).open(sealed, 'a');
    expect(none).toThrow(PayloadKeyError);
    expect(none).toThrow(`encrypted with key ${keyId}, but PAYLOAD_KEY is not set`);
    expect(other).toThrow(PayloadKeyError);
    expect(other).toThrow(`encrypted with key ${keyId}, but PAYLOAD_KEY holds only`);
  });

  it('seals with the first key of a list and opens with any', () => {
    const [older, newer] = [newKey(), newKey()];
    const before = createPayloadCipher(older).seal('x', 'a');
    const both = createPayloadCipher(`${newer}, ${older}`);
    expect(both.open(before, 'a')).toBe('x');
    expect(createPayloadCipher(newer).open(both.seal('y', 'a'), 'a')).toBe('y');
  });

  it('refuses a payload in another place than its own', () => {
    const cipher = createPayloadCipher(newKey());
    expect(() => cipher.open(cipher.seal('x', 'session a'), 'session b')).toThrow(PayloadForgedError);
  });

  it('refuses a payload of which any byte was changed', () => {
    const cipher = createPayloadCipher(newKey());
    const [mark, keyId, iv = '', data = ''] = cipher.seal('some text', 'a').split('.');
    const flipped = (part: string, index: number): string => {
      const bytes = Buffer.from(part, 'base64url');
      bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
      return bytes.toString('base64url');
    };
    for (let index = 0; index < 12; index += 1) {
      expect(() => cipher.open([mark, keyId, flipped(iv, index), data].join('.'), 'a')).toThrow(
        PayloadForgedError,
      );
    }
    for (let index = 0; index < 'some text'.length + 16; index += 1) {
      expect(() => cipher.open([mark, keyId, iv, flipped(data, index)].join('.'), 'a')).toThrow(
        PayloadForgedError,
      );
    }
  });

  it('refuses a payload cut short anywhere after its key id, or with more at its end', () => {
    const cipher = createPayloadCipher(newKey());
    const sealed = cipher.seal('some text', 'a');
    for (let length = 'enc1.12345678'.length; length < sealed.length; length += 1) {
      expect(() => cipher.open(sealed.slice(0, length), 'a')).toThrow(PayloadForgedError);
    }
    expect(() => cipher.open(`${sealed}.x`, 'a')).toThrow(PayloadForgedError);
    expect(() => cipher.open(`${sealed}xxxx`, 'a')).toThrow(PayloadForgedError);
  });

  it.each(['short', randomBytes(31).toString('base64'), `${newKey()},`, '!'.repeat(44)])(
    'refuses a key that is not 32 bytes, without showing it',
    (keys) => {
      expect(() => createPayloadCipher(keys)).toThrow(PayloadKeyError);
      expect(() => createPayloadCipher(keys)).toThrow('openssl rand -base64 32');
      expect(() => createPayloadCipher(keys)).not.toThrow(keys.slice(0, 5));
    },
  );
});
