import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { payloadSettings } from '#runtime/payload-settings';
import { createHomeserver } from '../../services/homeserver/homeserver.ts';
import { makePeople } from './make-people.ts';
import { makeSecrets } from './make-secrets.ts';
import { SecretsFolder } from './secrets-folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vagent-secrets-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function everyFile(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(root.length + 1)] = await readFile(path, 'utf8');
  }
  return files;
}

describe('secrets of a deployment', () => {
  it('are made once, each service having only its own, and stay as they are', async () => {
    const folder = new SecretsFolder(root, 0o600);
    await makeSecrets(folder, 'vagent');
    const first = await everyFile();
    expect(Object.keys(first).filter((name) => name.startsWith('clock/'))).toEqual([
      'clock/payload-key',
      'clock/redis-password',
    ]);
    expect(first['clock/payload-key']).toBe(first['worker/payload-key']);
    expect(first['clock/redis-password']).not.toBe(first['worker/redis-password']);
    const key = first['worker/payload-key']?.trim();
    expect(payloadSettings.safeParse({ PAYLOAD_KEY: key }).success).toBe(true);
    expect(Object.keys(first).filter((name) => name.endsWith('/crypto-store-key'))).toHaveLength(3);
    expect(Object.keys(first).filter((name) => name.startsWith('worker/'))).toEqual([
      'worker/payload-key',
      'worker/redis-password',
    ]);
    expect(first['synapse/signing-key']).toMatch(/^ed25519 a_vagent [A-Za-z0-9+/]{43}\n$/);
    expect((await stat(join(root, 'redis', 'users.acl'))).mode & 0o077).toBe(0);
    await makeSecrets(folder, 'vagent');
    expect(await everyFile()).toEqual(first);
  });

  it('are made anew where a full disk has left a file with nothing in it', async () => {
    const folder = new SecretsFolder(root, 0o600);
    await folder.write('clock', 'redis-password', '');
    await makeSecrets(folder, 'vagent');
    expect(await folder.read('clock', 'redis-password')).toMatch(/^[\w-]{32}$/);
  });

  it('are shared again with a service that lost its own', async () => {
    const folder = new SecretsFolder(root, 0o600);
    await makeSecrets(folder, 'vagent');
    const first = await everyFile();
    await rm(join(root, 'egress', 'payload-key'));
    await makeSecrets(folder, 'vagent');
    expect(await everyFile()).toEqual(first);
  });
});

describe('people of a deployment', () => {
  it('are made by the registration secret where nobody may register, and found again', async () => {
    const folder = new SecretsFolder(root, 0o600);
    await makeSecrets(folder, 'vagent');
    const registrationSecret = (await folder.read('synapse', 'registration-secret')) ?? '';
    const homeserver = createHomeserver({ registrationSecret, openRegistration: false });
    await homeserver.start();
    try {
      const first = await makePeople(folder, homeserver.url);
      const files = await everyFile();
      expect(files['worker/reviewers']).toBe(`${first.reviewer.userId}\n`);
      expect(files['ingress/admin-room']).toBe(`${first.adminRoom}\n`);
      expect(files['egress/matrix-password']).toBe(`${first.bot.password}\n`);
      expect(Object.keys(files)).not.toContain('clock/matrix-password');
      expect(await makePeople(folder, homeserver.url)).toEqual(first);
      expect(await everyFile()).toEqual(files);
    } finally {
      await homeserver.stop();
    }
  });

  it('are not made without the secret, and the message says what is missing', async () => {
    const made = makePeople(new SecretsFolder(root, 0o600), 'http://127.0.0.1:9');
    await expect(made).rejects.toThrow(/registration-secret is missing/);
  });
});
