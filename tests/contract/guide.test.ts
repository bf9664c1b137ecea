import { readdir, readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { condition } from '#playbook/schemas/condition';
import { dialogueFile } from '#playbook/schemas/dialogue-file';
import { policiesFile } from '#playbook/schemas/policies-file';
import { applyDiff } from '../support/guide-diff.ts';
import { type GuideBlock, readGuidePage } from '../support/guide-page.ts';
import { type GuideWorkshop, openGuideWorkshop } from '../support/guide-workshop.ts';

const guide = new URL('../../docs/guide/', import.meta.url);
const pages = (await readdir(guide)).filter((name) => name.endsWith('.md')).sort();
const check = 'npx vagent playbook check --dir my-playbook';
const timeout = 240_000;

describe.each(pages)('docs/guide/%s', (name) => {
  const page = new URL(name, guide);

  it('links only to what is there', async () => {
    const text = await readFile(page, 'utf8');
    const links = [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\((?!https?:)([^)\s]*)\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, link = ''] of links) {
      const target = new URL(link, page);
      await expect(stat(target), link).resolves.toBeDefined();
      if (target.hash !== '') expect(await anchorsOf(target), link).toContain(target.hash.slice(1));
    }
  });

  it('does what it says, block by block', { timeout }, async () => {
    await using workshop = await openGuideWorkshop();
    const blocks = readGuidePage(name, await readFile(page, 'utf8'));
    const printed: string[] = [];
    for (const [index, block] of blocks.entries())
      printed.push(await follow(block, blocks[index + 1], workshop));
    for (const dialogue of dialoguesOf(blocks)) expect(printed.join('\n')).toContain(`${dialogue}  offline`);
    const { code, out } = await workshop.run(check);
    expect(code, out).toBe(0);
    const typescript = blocks.filter(({ kind, about }) => kind === 'file' && about.endsWith('.ts'));
    if (typescript.length > 0) await compile(typescript, workshop);
  });
});

it('has a page for each task, and names each in its index', async () => {
  const index = await readFile(new URL('README.md', guide), 'utf8');
  expect(pages).toEqual(
    expect.arrayContaining(['write-a-flow.md', 'add-an-agent.md', 'add-a-tool.md', 'write-an-sop.md']),
  );
  for (const name of pages.filter((one) => one !== 'README.md')) expect(index).toContain(`](${name})`);
});

describe('the blocks of a page', () => {
  it('are refused where nothing would run them, or nobody sees which file they are', () => {
    expect(() => readGuidePage('a.md', '```sh\nls\n```\n')).toThrow('a.md:1: nothing runs a block "sh"');
    expect(() => readGuidePage('a.md', 'Look:\n\n```yaml flows/a.yaml\n```\n')).toThrow(
      'a.md:3: the line above',
    );
    expect(() => readGuidePage('a.md', '```sh run\nls\n')).toThrow('not closed');
  });

  it('that change a file have to fit it, once', () => {
    expect(applyDiff('a', 'one\ntwo\nthree\n', ' one\n-two\n+2\n@@\n-three\n')).toBe('one\n2\n');
    expect(() => applyDiff('a', 'one\n', '-two\n')).toThrow('a has 0 places');
    expect(() => applyDiff('a', 'one\none\n', '-one\n')).toThrow('a has 2 places');
  });
});

async function anchorsOf(page: URL): Promise<string[]> {
  const headings = (await readFile(page, 'utf8')).matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Names of the conversation tests that a page writes. */
function dialoguesOf(blocks: readonly GuideBlock[]): string[] {
  const written = blocks.filter(({ kind, about }) => kind === 'file' && about.startsWith('dialogues/'));
  return written.map(({ text }) => dialogueFile.parse(parse(text)).name);
}

/** Does what a block says; resolves to what was printed. */
async function follow(block: GuideBlock, next: GuideBlock | undefined, at: GuideWorkshop): Promise<string> {
  const { kind, about, text } = block;
  const place = `line ${block.line}`;
  switch (kind) {
    case 'file':
      await at.write(about, text);
      break;
    case 'edit':
      await at.edit(about, text);
      break;
    case 'wrong file':
    case 'wrong edit':
      await tellMistakes(block, next, at);
      break;
    case 'run':
    case 'fails': {
      const { code, out } = await at.run(text);
      expect.soft(code, `${place}: ${text}${out}`).toBe(kind === 'run' ? 0 : 1);
      if (next?.kind === 'output') expect.soft(out.trimEnd(), place).toMatch(patternOf(next.text));
      return out;
    }
    case 'conditions':
      for (const line of text.trim().split('\n')) condition.parse(parse(line));
      break;
    case 'defaults':
      expect(defaultsOf(about), place).toEqual(writtenOf(about, text));
      break;
    // Looked at with the block that they stand behind.
    case 'told':
    case 'output':
      break;
    default:
      kind satisfies never;
  }
  return '';
}

/** The file is changed, every mistake is told in exactly these words and places, and the file is as it was. */
async function tellMistakes(
  { kind, about, text, line }: GuideBlock,
  next: GuideBlock | undefined,
  at: GuideWorkshop,
): Promise<void> {
  if (next?.kind !== 'told') throw new Error(`The mistakes of line ${line} are not told below`);
  const before = await at.read(about);
  await (kind === 'wrong edit' ? at.edit(about, text) : at.write(about, text));
  const { code, out } = await at.run(check);
  expect(code, out).toBe(1);
  const told = out.split('\n').filter((one) => /^\S+:\d+:\d+ /.test(one));
  expect.soft(told.join('\n'), `line ${next.line}`).toMatch(patternOf(next.text));
  await (before === undefined ? at.remove(about) : at.write(about, before));
}

/** The text itself; `…` stands for anything in a line, and for any lines where it stands alone. */
function patternOf(text: string): RegExp {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  const source = lines.map((line) =>
    line === '…'
      ? '[\\s\\S]*'
      : line
          .split('…')
          .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
          .join('[^\\n]*'),
  );
  return new RegExp(`^${source.join('\\n')}$`);
}

/** What policies.yaml comes to where it says nothing; of `tools`, for a tool of which it says nothing. */
function defaultsOf(section: string): unknown {
  const policies = policiesFile.parse({ tools: { any: {} } });
  return { [section]: Reflect.get(policies, section) };
}

/** What a page says that it comes to, read as the file is read; no key of the defaults may be left out. */
function writtenOf(section: string, text: string): unknown {
  const written: unknown = parse(text);
  expect(keysOf(written)).toEqual(keysOf(defaultsOf(section)));
  return { [section]: Reflect.get(policiesFile.parse(written), section) };
}

/** Paths of all keys, sorted. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const keys = Object.entries(value).flatMap(([key, part]) => [
    key,
    ...keysOf(part).map((more) => `${key}.${more}`),
  ]);
  return keys.sort();
}

async function compile(blocks: readonly GuideBlock[], at: GuideWorkshop): Promise<void> {
  const include = blocks.map(({ about }) => about);
  // In libs, so that it is written into the repository.
  await at.write(
    'libs/tsconfig.guide.json',
    JSON.stringify({
      extends: '../tsconfig.json',
      include: [],
      files: include.map((file) => file.replace('libs/', './')),
    }),
  );
  const { code, out } = await at.run('npx tsc -p libs/tsconfig.guide.json');
  expect(code, out).toBe(0);
}
