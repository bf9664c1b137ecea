import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const documents = ['README.md', 'ARCHITECTURE.md'];
const run = promisify(execFile);

const read = (file: string): Promise<string> => readFile(new URL(file, root), 'utf8');

describe('the documents', () => {
  it.each(documents)('%s links only to what is there', async (document) => {
    const links = [...(await read(document)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      ([, path]) => path ?? '',
    );
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) await expect(stat(new URL(link, root)), link).resolves.toBeDefined();
  });

  it('name npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await read('package.json'));
    for (const document of documents) {
      for (const [, name = ''] of (await read(document)).matchAll(/npm run ([a-z:-]+)/g)) {
        expect(Object.keys(scripts)).toContain(name);
      }
    }
  });

  it('name commands of vagent that answer to --help', async () => {
    const text = await read('README.md');
    const commands = new Set([...text.matchAll(/npx vagent ([a-z]+)/g)].map(([, name]) => name ?? ''));
    expect(commands.size).toBeGreaterThan(4);
    const vagent = fileURLToPath(new URL('scripts/vagent.mjs', root));
    for (const command of commands) {
      const { stdout } = await run(process.execPath, [vagent, command, '--help']);
      expect(stdout).toContain(`vagent ${command}`);
    }
  });

  it('name every variable that the services read', async () => {
    const text = await read('README.md');
    const folders = ['libs/runtime', 'libs/models', 'libs/matrix', 'libs/agents'];
    for (const service of ['ingress', 'worker', 'egress', 'clock']) folders.push(`services/${service}`);
    const unnamed: string[] = [];
    for (const folder of folders) {
      for (const file of await readdir(new URL(folder, root))) {
        if (!/(settings|config)\.ts$/.test(file)) continue;
        const source = await read(`${folder}/${file}`);
        for (const [, name = ''] of source.matchAll(/^\s+([A-Z][A-Z_]+): setting/gm)) {
          if (!text.includes(name)) unnamed.push(name);
        }
      }
    }
    expect(unnamed).toEqual([]);
  });

  it('point from the table of faults to tests that exist', async () => {
    const table = await read('ARCHITECTURE.md');
    const rows = new Set([...table.matchAll(/`(F\d\d)`/g)].map(([, row]) => row ?? ''));
    const tests: string[] = [];
    for (const folder of ['tests/faults', 'tests/integration', 'tests/e2e']) {
      for (const file of await readdir(new URL(folder, root))) {
        if (file.endsWith('.ts')) tests.push(await read(`${folder}/${file}`));
      }
    }
    const all = tests.join('\n');
    expect([...rows].filter((row) => !all.includes(row))).toEqual([]);
  });
});
