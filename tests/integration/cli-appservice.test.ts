import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAppserviceRegistration } from '#matrix/appservice-registration';
import { ghostNames } from '#matrix/ghost-names';
import { parseRegistration } from '../../services/homeserver/appservice/registration.ts';
import { runCli } from './cli-process.ts';

describe('vagent appservice registration', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vagent-registration-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  const make = (...args: string[]) => runCli(['appservice', 'registration', ...args], {});

  it('prints a file that the homeserver and vagent take, and that covers a user for each agent', async () => {
    const { code, stdout, stderr } = await make('--server', 'example.org', '--url', 'http://ingress:9000/');
    expect(code).toBe(0);
    expect(parseRegistration(stdout)).toMatchObject({
      id: 'vagent',
      url: 'http://ingress:9000',
      sender_localpart: 'vagent',
      rate_limited: false,
      namespaces: { users: [{ exclusive: true }], aliases: [], rooms: [] },
    });
    expect(stderr).toContain('MATRIX_MODE=appservice');
    const file = join(folder, 'printed.yaml');
    await writeFile(file, stdout);
    const registration = await loadAppserviceRegistration(file);
    const found = ghostNames(registration, 'example.org', '_vagent_');
    expect(found.ok && found.names.localpartOf('billing')).toBe('_vagent_billing');
    // A dot is a dot: another server has no users here.
    expect(ghostNames(registration, 'exampleXorg', '_vagent_').ok).toBe(false);
  });

  it('makes the bot another user than the sender where that is asked for, and says how to name it', async () => {
    const names = ['--sender', 'vagent-appservice', '--bot', 'vagent'];
    const { stdout, stderr } = await make('--server', 'a.org', ...names);
    const { sender_localpart, namespaces } = parseRegistration(stdout);
    expect(sender_localpart).toBe('vagent-appservice');
    expect(namespaces.users.map(({ regex }) => new RegExp(`^${regex}$`).test('@vagent:a.org'))).toEqual([
      false,
      true,
    ]);
    expect(stderr).toContain('MATRIX_USER=@vagent:a.org');
  });

  it('makes other tokens each time', async () => {
    const made = await Promise.all([make('--server', 'a.org'), make('--server', 'a.org')]);
    const tokens = made.map(({ stdout }) => parseRegistration(stdout));
    const all = tokens.flatMap(({ as_token, hs_token }) => [as_token, hs_token]);
    expect(new Set(all).size).toBe(4);
    for (const token of all) expect(token).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps the file for its owner alone, and never replaces one', async () => {
    const file = join(folder, 'kept.yaml');
    const first = await make('--server', 'a.org', '--out', file, '--prefix', '_desk_');
    expect([first.code, first.stdout]).toEqual([0, '']);
    expect(first.stderr).toContain('GHOST_PREFIX=_desk_');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    const second = await make('--server', 'a.org', '--out', file);
    expect([second.code, await readFile(file, 'utf8')]).toEqual([1, text]);
    expect(second.stderr).toContain('is there already');
  });

  it.each([
    ['no server', [], '--server is missing'],
    ['a server that is none', ['--server', 'a b'], '--server is'],
    ['a sender with capitals', ['--server', 'a.org', '--sender', 'Bot'], '--sender is'],
    ['a bot that is the sender', ['--server', 'a.org', '--bot', 'vagent'], '--bot is'],
    ['a prefix that is no local part', ['--server', 'a.org', '--prefix', 'A B'], '--prefix is'],
    ['a URL that is none', ['--server', 'a.org', '--url', 'ingress:9000'], '--url is'],
    ['another word', ['token', '--server', 'a.org'], 'is not a command'],
  ])('refuses %s', async (_, args, problem) => {
    const { code, stdout, stderr } = await make(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(problem);
  });
});
