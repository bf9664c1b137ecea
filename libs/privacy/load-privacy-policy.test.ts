import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPrivacyPolicy } from './load-privacy-policy.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vagent-privacy-'));
});
afterEach(() => rm(dir, { recursive: true }));

const write = (text: string): Promise<void> => writeFile(join(dir, 'policies.yaml'), text);
const defaults = {
  email: 'token',
  phone: 'token',
  card: 'mask',
  iban: 'token',
  ip: 'token',
  api_key: 'hash',
};

describe('loadPrivacyPolicy', () => {
  it('has safe defaults for what is not written', async () => {
    await expect(loadPrivacyPolicy(dir)).resolves.toEqual(defaults);
    await write('review: { rounds: 3 }\n');
    await expect(loadPrivacyPolicy(dir)).resolves.toEqual(defaults);
    await write('privacy:\n  card: block\n  ip: keep\n');
    await expect(loadPrivacyPolicy(dir)).resolves.toEqual({ ...defaults, card: 'block', ip: 'keep' });
  });

  it.each([
    ['privacy:\n  email: tokenise\n', /policies\.yaml:2:3 .*"token".*"redact".*"mask"/],
    ['privacy:\n  mail: token\n', /policies\.yaml:2:3 "mail" is not known here.*email, phone/],
    ['privacy: none\n', /policies\.yaml:1:1 "privacy"/],
    ['privacy:\n\temail: token\n', /policies\.yaml:2:1 .*tabs/],
  ])('refuses %j with its place and a remedy', async (text, expected) => {
    await write(text);
    await expect(loadPrivacyPolicy(dir)).rejects.toThrow(expected);
  });

  it('refuses a folder that is not there', async () => {
    await expect(loadPrivacyPolicy(join(dir, 'nowhere'))).rejects.toThrow(/Set PLAYBOOK_DIR/);
  });
});
