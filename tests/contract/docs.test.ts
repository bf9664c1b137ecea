import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function pages(): Promise<string[]> {
  const below = await readdir(join(root, 'docs'), { recursive: true });
  return [
    'README.md',
    'ARCHITECTURE.md',
    ...below.filter((file) => file.endsWith('.md')).map((file) => join('docs', file)),
  ];
}

const texts = new Map(
  await Promise.all(
    (await pages()).map(async (page) => [page, await readFile(join(root, page), 'utf8')] as const),
  ),
);

/** As forges make them: lower case, signs dropped, blanks to dashes. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function anchorsOf(text: string): Set<string> {
  return new Set([...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

function withoutCode(text: string): string {
  return text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '');
}

describe('the documentation', () => {
  it('has no link that leads nowhere, in files and in headings', async () => {
    const broken: string[] = [];
    for (const [page, text] of texts) {
      for (const [, target = ''] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : relative(root, join(root, dirname(page), path));
        const isThere = await stat(join(root, file)).then(
          () => true,
          () => false,
        );
        if (!isThere) broken.push(`${page}: ${target}`);
        const linked = texts.get(file);
        if (anchor !== undefined && linked !== undefined && !anchorsOf(linked).has(anchor)) {
          broken.push(`${page}: ${target} (no such heading)`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('names only commands that there are', async () => {
    const commands = new Set(
      [
        ...(await readFile(join(root, 'scripts/vagent.ts'), 'utf8')).matchAll(
          /^ {2}['"]?([a-z-]+)['"]?: \{$/gm,
        ),
      ].map(([, name]) => name),
    );
    expect(commands.size).toBeGreaterThan(5);
    const scripts = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).scripts as Record<
      string,
      string
    >;
    const unknown = [...texts].flatMap(([page, text]) => [
      ...[...text.matchAll(/npx vagent ([a-z]+)/g)]
        .filter(([, name]) => !commands.has(name))
        .map(([said]) => `${page}: ${said}`),
      ...[...text.matchAll(/npm run ([a-z:-]+)/g)]
        .filter(([, name = '']) => !(name in scripts))
        .map(([said]) => `${page}: ${said}`),
    ]);
    expect(unknown).toEqual([]);
  });
});
