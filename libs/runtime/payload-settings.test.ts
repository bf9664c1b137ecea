import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { payloadSettings } from './payload-settings.ts';
import { readConfig } from './read-config.ts';

const schema = z.object({ payload: payloadSettings });

describe('payloadSettings', () => {
  it('may be absent, and takes a list of keys', () => {
    const keys = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64')).join(',');
    expect(readConfig(schema, {}).config.payload).toEqual({ key: undefined, unsigned: 'refuse' });
    expect(readConfig(schema, { PAYLOAD_KEY: keys }).config.payload).toMatchObject({ key: keys });
  });

  it.each(['', ' '])('refuses a blank key %j: it would store everything readable', (key) => {
    expect(() => readConfig(schema, { PAYLOAD_KEY: key })).toThrow(
      /PAYLOAD_KEY is blank. Set it to a key of 32 bytes .* or unset it/,
    );
  });

  it.each(['canary', randomBytes(16).toString('base64'), `${randomBytes(32).toString('base64')},`])(
    'refuses a key that is not 32 bytes, without showing it',
    (key) => {
      expect(() => readConfig(schema, { PAYLOAD_KEY: key })).toThrow(
        /PAYLOAD_KEY is not usable. Set PAYLOAD_KEY to a key/,
      );
      expect(() => readConfig(schema, { PAYLOAD_KEY: key })).not.toThrow(key);
    },
  );
});
