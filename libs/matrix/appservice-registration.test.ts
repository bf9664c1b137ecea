import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadAppserviceRegistration } from './appservice-registration.ts';
import { RegistrationError } from './errors.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vagent-registration-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function load(yaml: string) {
  const file = join(folder, 'as.yaml');
  await writeFile(file, yaml);
  return loadAppserviceRegistration(file);
}

const good = 'id: vagent\nas_token: canary-as\nhs_token: canary-hs\nsender_localpart: _agent\nurl: null\n';

it('reads what it needs of a registration file', async () => {
  expect(await load(good)).toEqual({
    id: 'vagent',
    asToken: 'canary-as',
    hsToken: 'canary-hs',
    senderLocalpart: '_agent',
    userNamespaces: [],
  });
});

it('reads the namespaces of users, exclusive only where the file says so', async () => {
  const users = "[{exclusive: true, regex: '@_a_.*:b'}, {regex: '@c:d'}]";
  expect(
    (await load(`${good}namespaces: {users: ${users}, aliases: [], rooms: []}\n`)).userNamespaces,
  ).toEqual([
    { regex: '@_a_.*:b', isExclusive: true },
    { regex: '@c:d', isExclusive: false },
  ]);
  expect((await load(`${good}namespaces: {users: null}\n`)).userNamespaces).toEqual([]);
});

it.each([
  ['a missing token', good.replace(/hs_token.*\n/, ''), 'hs_token'],
  ['an empty token', good.replace('canary-hs', '""'), 'hs_token'],
  ['the same token twice', good.replace('canary-hs', 'canary-as'), 'are the same'],
  ['broken YAML', `${good}  x: [canary\n`, 'is not YAML'],
  ['a list', '- 1', 'file'],
  [
    'a namespace without a pattern',
    `${good}namespaces: {users: [{exclusive: true}]}\n`,
    'namespaces.users.0.regex',
  ],
])('refuses %s with the place and without the tokens', async (_, yaml, problem) => {
  const error = await load(yaml).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(RegistrationError);
  expect(error.message).toContain(problem);
  expect(error.message).toContain('as.yaml');
  expect(error.message).not.toContain('canary');
});

it('names a file that is not there', async () => {
  await expect(loadAppserviceRegistration('/nowhere/as.yaml')).rejects.toThrow(
    '/nowhere/as.yaml: cannot be read',
  );
});
