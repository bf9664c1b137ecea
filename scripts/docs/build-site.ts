import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { toPage } from './page.ts';
import { renderSite } from './render-site.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes the documentation as a site of plain files, which any web server, or none, can show. Resolves with its pages. */
export async function buildSite(folder: string): Promise<string[]> {
  const below = (await readdir(join(root, 'docs'), { recursive: true })).filter((file) =>
    file.endsWith('.md'),
  );
  const sources = ['README.md', 'ARCHITECTURE.md', ...below.sort(readmeFirst).map((file) => `docs/${file}`)];
  const pages = await Promise.all(
    sources.map(async (source) => toPage(source, await readFile(join(root, source), 'utf8'))),
  );
  const files = renderSite(pages);
  for (const [path, text] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await cp(join(root, 'docs', 'images'), join(folder, 'images'), { recursive: true });
  await cp(fileURLToPath(new URL('site.css', import.meta.url)), join(folder, 'site.css'));
  await build({
    entryPoints: [fileURLToPath(new URL('search.ts', import.meta.url))],
    outfile: join(folder, 'search.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  return pages.map(({ path }) => path);
}

function readmeFirst(a: string, b: string): number {
  const isIndex = (file: string): number => (file.endsWith('README.md') ? 0 : 1);
  return dirname(a).localeCompare(dirname(b)) || isIndex(a) - isIndex(b) || a.localeCompare(b);
}
