import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { providePayloadKey } from './provide-payload-key.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vagent-up-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('providePayloadKey', () => {
  it('makes one key for all starts, which only its owner can read', async () => {
    const first = await providePayloadKey({}, folder);
    expect(Buffer.from(first['PAYLOAD_KEY'] ?? '', 'base64')).toHaveLength(32);
    await expect(providePayloadKey({}, folder)).resolves.toEqual(first);
    const { mode } = await stat(join(folder, 'secrets.json'));
    expect(mode & 0o777).toBe(0o600);
  });

  it.each([
    { PAYLOAD_KEY: 'mine' },
    { PAYLOAD_KEY: '' },
    { PAYLOAD_KEY_FILE: '/run/secrets/key' },
    { REDIS_URL: 'redis://elsewhere' },
  ])('leaves it to the operator with %j', async (env) => {
    await expect(providePayloadKey(env, folder)).resolves.toEqual({});
    await expect(readFile(join(folder, 'secrets.json'))).rejects.toThrow('ENOENT');
  });

  it('refuses a file that holds no key, instead of sealing under another one', async () => {
    await writeFile(join(folder, 'secrets.json'), '{"payloadKey": "short"}');
    await expect(providePayloadKey({}, folder)).rejects.toThrow(/secrets\.json cannot be read/);
  });
});
