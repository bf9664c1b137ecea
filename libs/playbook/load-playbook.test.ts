import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { PlaybookError, type PlaybookProblem } from './errors.ts';
import { loadPlaybook } from './load-playbook.ts';

const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const reviewers = ['@ann:example.org', '@bob:example.org'];
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A copy of the example playbook with some files changed; null removes one. */
async function playbookWith(files: Record<string, string | null>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'vagent-playbook-'));
  folders.push(dir);
  await cp(example, dir, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    if (text === null) await rm(join(dir, file));
    else await writeFile(join(dir, file), text);
  }
  return dir;
}

async function problemsOf(files: Record<string, string | null>): Promise<readonly PlaybookProblem[]> {
  const dir = await playbookWith(files);
  try {
    await loadPlaybook(dir, { reviewers, registeredTools: ['delete_records'] });
  } catch (error) {
    if (error instanceof PlaybookError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadPlaybook', () => {
  it('loads the example playbook with passages, phrases and policies', async () => {
    const playbook = await loadPlaybook(example, { reviewers, registeredTools: ['delete_records'] });
    expect(playbook.name).toBe('Forgebase support desk');
    const reset = playbook.passages.find(
      ({ source }) => source === 'Two-factor authentication › Reset your 2FA',
    );
    expect(reset).toMatchObject({ title: 'Two-factor authentication', headings: ['Reset your 2FA'] });
    expect(reset?.keywords).toContain('mfa');
    expect(playbook.policies.get('delete_records')).toEqual({
      risk: 'medium',
      expiresInSeconds: 86_400,
      policy: {
        reviewers,
        quorum: 1,
        excludeRequester: true,
        minPowerLevel: null,
        reminders: [3_600, 28_800, 72_000],
        escalateTo: null,
        onExpiry: 'reject',
      },
    });
    expect([...(playbook.tools.get('delete_records')?.slots ?? [])]).toEqual([['project', 'text']]);
  });

  it('gives another version to other content, and the same to the same', async () => {
    const text = await readFile(join(example, 'knowledge/community-rules.md'), 'utf8');
    const changed = await playbookWith({ 'knowledge/community-rules.md': `${text}\nOne more line.\n` });
    const versionOf = async (dir: string): Promise<string> =>
      (await loadPlaybook(dir, { reviewers })).version;
    expect(await versionOf(example)).toBe(await versionOf(await playbookWith({})));
    expect(await versionOf(changed)).not.toBe(await versionOf(example));
  });

  it('tells every mistake of every file at once', async () => {
    const problems = await problemsOf({
      'playbook.yaml': 'name: Desk\npersona: x\ngreetings: hello\n',
      'policies.yaml': 'delete_records:\n  risk: huge\n  quorum: 0\n',
      'tools.yaml': 'delete_records:\n  phrases:\n    - delete {a} {b}\n    - "[all"\n',
      'knowledge/a.md': 'no title here\n',
    });
    const places = problems.map(({ file, line, column }) => `${file}:${line}:${column}`);
    expect(places.toSorted()).toEqual([
      'knowledge/a.md:1:1',
      'playbook.yaml:1:1',
      'playbook.yaml:1:1',
      'playbook.yaml:3:1',
      'policies.yaml:2:3',
      'policies.yaml:3:3',
      'tools.yaml:3:7',
      'tools.yaml:4:7',
    ]);
    expect(problems.every(({ message, hint }) => message !== '' && hint !== '')).toBe(true);
  });

  it.each<[string, Record<string, string | null>, Partial<PlaybookProblem>]>([
    [
      'an unknown key',
      { 'policies.yaml': 'delete_records:\n  reviewer: ["@a:b.c"]\n' },
      { line: 2, column: 3, hint: expect.stringContaining('reviewers, quorum') },
    ],
    [
      'a key that occurs twice',
      { 'policies.yaml': 'delete_records:\n  risk: low\n  risk: low\n' },
      { line: 3, column: 3 },
    ],
    [
      'a tab',
      { 'policies.yaml': 'delete_records:\n\trisk: low\n' },
      { line: 2, hint: 'Indent with blanks, never with tabs' },
    ],
    [
      'a reviewer who is no Matrix user',
      { 'policies.yaml': 'delete_records:\n  reviewers:\n    - ann\n' },
      { line: 3, column: 7, message: expect.stringContaining('not a user id') },
    ],
    [
      'an empty list of reviewers',
      { 'policies.yaml': 'delete_records:\n  reviewers: []\n' },
      { line: 2, message: expect.stringContaining('nobody could ever approve') },
    ],
    [
      'a quorum of more reviewers than there are',
      { 'policies.yaml': 'delete_records:\n  quorum: 3\n' },
      { line: 2, column: 3, message: 'a quorum of 3 with 2 reviewers' },
    ],
    [
      'a reminder after the end',
      { 'policies.yaml': 'delete_records:\n  expiresIn: 1h\n  reminders: [2h]\n' },
      { line: 3, hint: 'Remind earlier, or raise expiresIn' },
    ],
    [
      'a duration that is none',
      { 'policies.yaml': 'delete_records:\n  expiresIn: soon\n' },
      { line: 2, hint: 'Write seconds, or a duration such as 90s, 15m, 24h or 7d' },
    ],
    [
      'a policy of a tool that is off',
      { 'policies.yaml': 'launch:\n  risk: high\n' },
      { line: 1, hint: 'Name it in tools.yaml, or remove it' },
    ],
    [
      'a tool that nobody registered',
      { 'tools.yaml': 'delete_records: {}\nlaunch: {}\n' },
      { line: 2, hint: 'Registered are: delete_records' },
    ],
    [
      'a slot that no phrase uses',
      { 'tools.yaml': 'delete_records:\n  slots: { project: text }\n' },
      { line: 2, column: 12 },
    ],
    [
      'a file that is not there',
      { 'phrases.yaml': null },
      { file: 'phrases.yaml', hint: expect.any(String) },
    ],
    [
      'a section without text',
      { 'knowledge/a.md': '# A\n\nKeywords: x\n\n## B\n\n## C\n\ntext\n' },
      { line: 5, message: 'section "B" is empty' },
    ],
    [
      'a second title',
      { 'knowledge/a.md': '# A\n\ntext\n\n# B\n\ntext\n' },
      { line: 5, message: 'a second title' },
    ],
    [
      'two sections of one name',
      { 'knowledge/a.md': '# A\n\n## B\n\none\n\n## B\n\ntwo\n' },
      { line: 7, message: '"A › B" is written twice' },
    ],
    [
      'anchors gone wild',
      { 'playbook.yaml': `name: &a [x, x]\npersona: [${'*a, '.repeat(200)}]\ngreeting: x\n` },
      { message: expect.stringMatching(/alias/i) },
    ],
  ])('tells place and remedy of %s', async (_, files, problem) => {
    expect(await problemsOf(files)).toContainEqual(expect.objectContaining(problem));
  });

  it('refuses a playbook by which nobody could ever approve', async () => {
    const loading = loadPlaybook(example, { reviewers: [] });
    await expect(loading).rejects.toThrow(/nobody could ever approve "delete_records"\. Set REVIEWERS/);
  });

  it('does not take a "#" in a code block for a heading', async () => {
    const dir = await playbookWith({ 'knowledge/a.md': '# A\n\n## B\n\n```sh\n# a comment\n```\n' });
    const { passages } = await loadPlaybook(dir, { reviewers });
    expect(passages.filter(({ title }) => title === 'A').map(({ source }) => source)).toEqual(['A › B']);
  });

  it('reads keywords below the title and keeps them out of the text', async () => {
    const dir = await playbookWith({
      'knowledge/a.md': '# A\n\nKeywords: one, two\nwords\n\nIntro.\n\n## B\n\nText.\n',
    });
    const { passages } = await loadPlaybook(dir, { reviewers });
    const ofA = passages.filter(({ title }) => title === 'A');
    expect(ofA.map(({ text }) => text)).toEqual(['Intro.', 'Text.']);
    expect(ofA.map(({ keywords }) => keywords)).toEqual([
      ['one', 'two words'],
      ['one', 'two words'],
    ]);
  });

  it('ends with a playbook or with a PlaybookError, whatever a file holds', async () => {
    const names = ['playbook.yaml', 'tools.yaml', 'policies.yaml', 'knowledge/community-rules.md'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        async (name, text) => {
          expect(await problemsOf({ [name]: text })).toBeInstanceOf(Array);
        },
      ),
      { numRuns: 40 },
    );
  });
});
