import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyDiff } from './guide-diff.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

/** A copy of this repository in which a page of the guide can be followed to the letter. */
export interface GuideWorkshop extends AsyncDisposable {
  /** Writes a file as the page names it. */
  write(file: string, text: string): Promise<void>;
  /** Changes one, as a diff without line numbers says. */
  edit(file: string, diff: string): Promise<void>;
  /** Undefined where there is none. */
  read(file: string): Promise<string | undefined>;
  remove(file: string): Promise<void>;
  run(command: string): Promise<Ended>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = ['libs', 'scripts', 'services', 'tests/support', 'package.json', 'tsconfig.json'];
const alsoCopied = ['biome.json', 'vitest.config.ts'];
/** What a page calls the copy of the example playbook. */
const playbook = 'my-playbook';

/** `npx` without a look at the registry: the commands of a page are those of this checkout. */
const npx = `#!/bin/sh
name="$1"; shift
[ "$name" = vagent ] && exec node scripts/vagent.mjs "$@"
exec "node_modules/.bin/$name" "$@"
`;

export async function openGuideWorkshop(): Promise<GuideWorkshop> {
  const dir = await mkdtemp(join(tmpdir(), 'vagent-guide-'));
  for (const path of [...copied, ...alsoCopied]) {
    await cp(join(root, path), join(dir, path), {
      recursive: true,
      filter: (source) => !source.endsWith('.test.ts') && !source.includes('node_modules'),
    });
  }
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
  await mkdir(join(dir, 'bin'));
  await writeFile(join(dir, 'bin/npx'), npx);
  await chmod(join(dir, 'bin/npx'), 0o755);
  const pathOf = (file: string): string => join(dir, file.startsWith('libs/') ? '' : playbook, file);
  const read = (file: string): Promise<string | undefined> =>
    readFile(pathOf(file), 'utf8').catch(() => undefined);
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(pathOf(file)), { recursive: true });
    await writeFile(pathOf(file), text);
  };
  return {
    write,
    read,
    edit: async (file, diff) => write(file, applyDiff(file, (await read(file)) ?? '', diff)),
    remove: (file) => rm(pathOf(file)),
    run: (command) => run(command, dir),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

function run(command: string, cwd: string): Promise<Ended> {
  const path = [join(cwd, 'bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-ec', command], { cwd, env: { PATH: path, HOME: cwd, NO_COLOR: '1' } });
    let out = '';
    const keep = (part: unknown): void => {
      out += String(part);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject).on('close', (code) => resolve({ code, out }));
  });
}
