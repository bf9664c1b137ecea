import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { buildSite } from '../../scripts/docs/build-site.ts';

it('makes a site of the documentation whose links and pictures are all there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vagent-docs-'));
  try {
    const pages = await buildSite(folder);
    expect(pages).toContain('guide/index.html');
    const missing: string[] = [];
    for (const page of pages) {
      const html = await readFile(join(folder, page), 'utf8');
      for (const [, target = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g)) {
        if (/^(https?:|mailto:|#)/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = join(folder, dirname(page), path);
        if (
          !(await stat(file).then(
            (found) => found.isFile(),
            () => false,
          ))
        )
          missing.push(`${page}: ${target}`);
        else if (anchor !== undefined && !(await readFile(file, 'utf8')).includes(`id="${anchor}"`))
          missing.push(`${page}: ${target}`);
      }
    }
    expect(missing).toEqual([]);
    const index: { id: string; text: string }[] = JSON.parse(
      await readFile(join(folder, 'search.json'), 'utf8'),
    );
    expect(index.map(({ id }) => id)).toEqual(pages);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
