import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provideKeys } from './provide-keys.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vagent-up-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('provideKeys', () => {
  it('makes keys for all starts, which only their owner can read', async () => {
    const first = await provideKeys({}, folder);
    for (const name of ['PAYLOAD_KEY', 'CRYPTO_STORE_KEY']) {
      expect(Buffer.from(first[name] ?? '', 'base64')).toHaveLength(32);
    }
    expect(first['PAYLOAD_KEY']).not.toBe(first['CRYPTO_STORE_KEY']);
    await expect(provideKeys({}, folder)).resolves.toEqual(first);
    const { mode } = await stat(join(folder, 'secrets.json'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('adds the key that an older start did not know, and keeps the other', async () => {
    const { PAYLOAD_KEY: payloadKey } = await provideKeys({}, folder);
    await writeFile(join(folder, 'secrets.json'), JSON.stringify({ payloadKey }));
    const next = await provideKeys({}, folder);
    expect(next['PAYLOAD_KEY']).toBe(payloadKey);
    await expect(provideKeys({}, folder)).resolves.toEqual(next);
  });

  it('makes no keys of devices for an account that is one token', async () => {
    const given = await provideKeys({ MATRIX_ACCESS_TOKEN: 'token' }, folder);
    expect(Object.keys(given)).toEqual(['PAYLOAD_KEY']);
  });

  it.each([
    { PAYLOAD_KEY: 'mine', CRYPTO_STORE_KEY: 'mine too' },
    { PAYLOAD_KEY: '', MATRIX_ACCESS_TOKEN: 'token' },
    { PAYLOAD_KEY_FILE: '/run/secrets/key', CRYPTO_STORE_KEY_FILE: '/run/secrets/other' },
    { REDIS_URL: 'redis://elsewhere' },
  ])('leaves it to the operator with %j', async (env) => {
    await expect(provideKeys(env, folder)).resolves.toEqual({});
    await expect(readFile(join(folder, 'secrets.json'))).rejects.toThrow('ENOENT');
  });

  it('refuses a file that holds no key, instead of sealing under another one', async () => {
    await writeFile(join(folder, 'secrets.json'), '{"payloadKey": "short"}');
    await expect(provideKeys({}, folder)).rejects.toThrow(/secrets\.json cannot be read/);
  });
});
