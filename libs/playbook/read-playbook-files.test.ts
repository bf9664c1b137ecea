import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { readPlaybookFiles } from './read-playbook-files.ts';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'vagent-files-'));
  folders.push(dir);
  for (const [file, text] of Object.entries({ 'playbook.yaml': 'name: x\n', ...files })) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  return dir;
}

describe('readPlaybookFiles', () => {
  it('reads what belongs to a playbook, and tests apart', async () => {
    const dir = await folderOf({
      'agents/a.yaml': 'a',
      'dialogues/a.dialogue.yaml': 'd',
      'understanding/labelled.yaml': 'l',
      'README.md': 'not read',
      'agents/README.md': 'not read',
      '.hidden.yaml': 'not read',
    });
    expect(await readPlaybookFiles(dir)).toEqual({
      dir,
      texts: { 'agents/a.yaml': 'a', 'playbook.yaml': 'name: x\n' },
      tests: { 'dialogues/a.dialogue.yaml': 'd', 'understanding/labelled.yaml': 'l' },
      problems: [],
    });
  });

  it('reads files with a byte order mark and with CRLF as others', async () => {
    const dir = await folderOf({ 'policies.yaml': '\uFEFFreview:\r\n  rounds: 2\r\n' });
    const { texts, problems } = await readPlaybookFiles(dir);
    expect(texts['policies.yaml']).toBe('review:\n  rounds: 2\n');
    expect(problems).toEqual([]);
  });

  it.each<[string, Record<string, string | Uint8Array>, object]>([
    [
      'bytes that are no UTF-8',
      { 'policies.yaml': Buffer.concat([Buffer.from('a: 1\nb: '), Buffer.from([0xff, 0xfe])]) },
      { file: 'policies.yaml', line: 2, column: 4, hint: 'Save it as UTF-8' },
    ],
    [
      'UTF-16',
      { 'policies.yaml': Buffer.from('\uFEFFreview: {}', 'utf16le') },
      { file: 'policies.yaml', message: 'it is no UTF-8 text' },
    ],
    [
      'a NUL byte',
      { 'policies.yaml': 'a: 1\nb: x\u0000y\n' },
      { file: 'policies.yaml', line: 2, column: 5, message: 'a control character (U+0000)' },
    ],
    [
      'a file of 5 MB',
      { 'knowledge/a.md': 'x'.repeat(5_000_000) },
      { file: 'knowledge/a.md', message: 'is larger than 1 MiB' },
    ],
    ['a folder in place of a file', { 'flags.json/x': '' }, { file: 'flags.json', message: 'is no file' }],
    ['a file in place of a folder', { flows: 'x' }, { file: 'flows', message: 'is no folder' }],
    [
      'an ending that is not read',
      { 'flows/a.yml': 'x' },
      { file: 'flows/a.yml', hint: 'Names in flows/ end with .yaml' },
    ],
    [
      'a test without its ending',
      { 'dialogues/a.yaml': 'x' },
      { hint: 'Names in dialogues/ end with .dialogue.yaml' },
    ],
    [
      'a name that is nearly right',
      { 'policy.yaml': 'x' },
      { file: 'policy.yaml', hint: 'Did you mean "policies.yaml"?' },
    ],
    [
      'a folder that is nearly right',
      { 'flow/a.yaml': 'x' },
      { file: 'flow', hint: 'Did you mean "flows"?' },
    ],
  ])('tells of %s', async (_, files, problem) => {
    const { problems } = await readPlaybookFiles(await folderOf(files));
    expect(problems).toContainEqual(expect.objectContaining(problem));
  });

  it('tells that a folder is not there', async () => {
    const { problems } = await readPlaybookFiles('/nowhere/at/all');
    expect(problems).toMatchObject([
      { message: expect.stringContaining('is not there'), hint: 'Check PLAYBOOK_DIR' },
    ]);
  });

  it('does not follow links out of the folder', async () => {
    const outside = await folderOf({ 'secret.md': '# Secret\n\nx\n' });
    const dir = await folderOf({ 'knowledge/a.md': '# A\n\nx\n' });
    await symlink(join(outside, 'secret.md'), join(dir, 'knowledge/b.md'));
    await symlink(outside, join(dir, 'sops'));
    await symlink('/dev/zero', join(dir, 'policies.yaml'));
    const { texts, problems } = await readPlaybookFiles(dir);
    expect(Object.keys(texts)).toEqual(['knowledge/a.md', 'playbook.yaml']);
    const links = problems.filter(({ message }) => message === 'is a link out of the playbook');
    expect(links.map(({ file }) => file).toSorted()).toEqual(['knowledge/b.md', 'policies.yaml', 'sops']);
  });

  it('does not wait for a pipe, nor follow a link that points to itself', async () => {
    const dir = await folderOf({});
    await promisify(execFile)('mkfifo', [join(dir, 'policies.yaml')]);
    await symlink('tools.yaml', join(dir, 'tools.yaml'));
    const { problems } = await readPlaybookFiles(dir);
    expect(problems).toMatchObject([
      { file: 'policies.yaml', message: 'is no file' },
      { file: 'tools.yaml', message: 'is a link to itself' },
    ]);
  });

  it('stops at the largest size of all files together', async () => {
    const dir = await folderOf({ 'knowledge/a.md': '' });
    for (let n = 0; n < 18; n += 1) {
      await writeFile(join(dir, `knowledge/b${n}.md`), 'x');
      await truncate(join(dir, `knowledge/b${n}.md`), 1_048_576);
    }
    const { problems } = await readPlaybookFiles(dir);
    expect(problems).toContainEqual(
      expect.objectContaining({ message: 'the playbook is larger than 16 MiB' }),
    );
  });

  it('reads a mounted ConfigMap, all files of one revision', async () => {
    const dir = await folderOf({ '..2026_1/playbook.yaml': 'name: one\n', '..2026_1/flows/a.yaml': 'a\n' });
    await rm(join(dir, 'playbook.yaml'));
    await symlink('..2026_1', join(dir, '..data'));
    await symlink('..data/playbook.yaml', join(dir, 'playbook.yaml'));
    await symlink('..data/flows', join(dir, 'flows'));
    expect(await readPlaybookFiles(dir)).toMatchObject({
      texts: { 'flows/a.yaml': 'a\n', 'playbook.yaml': 'name: one\n' },
      problems: [],
    });
  });
});
