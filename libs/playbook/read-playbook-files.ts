import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { decodeText } from './decode-text.ts';
import type { PlaybookProblem } from './errors.ts';
import { hintOf } from './nearest-name.ts';
import { isTest, mainFile, type PlaybookFiles, playbookFolders, topFiles } from './playbook-files.ts';

const mostFiles = 2_000;
const mostEntries = 10_000;
const largestFileBytes = 1_048_576;
const largestPlaybookBytes = 16_777_216;

/**
 * Reads a playbook's folder, within bounds. What cannot be read is told in `problems`, and by `parsePlaybook`.
 *
 * Links are followed inside of the folder only. Where it is a mounted ConfigMap (files are links through `..data`,
 * which Kubernetes swaps at once), all files are of one and the same revision.
 */
export async function readPlaybookFiles(dir: string): Promise<PlaybookFiles> {
  const reading: Reading = { root: '', texts: {}, tests: {}, problems: [], bytes: 0 };
  try {
    reading.root = await rootOf(dir);
  } catch (error) {
    tell(reading, mainFile, `the folder ${dir} ${reasonOf(error)}`, 'Check PLAYBOOK_DIR');
    return { dir, texts: {}, tests: {}, problems: reading.problems };
  }
  const paths = await listPaths(reading);
  if (paths.length > mostFiles) tell(reading, mainFile, `${paths.length} files`, `Use at most ${mostFiles}`);
  for (const path of paths.slice(0, mostFiles)) await readOne(reading, path);
  return { dir, texts: reading.texts, tests: reading.tests, problems: reading.problems };
}

interface Reading {
  root: string;
  readonly texts: Record<string, string>;
  readonly tests: Record<string, string>;
  readonly problems: PlaybookProblem[];
  bytes: number;
}

async function rootOf(dir: string): Promise<string> {
  const root = await realpath(dir);
  const revision = await realpath(join(root, '..data')).catch(() => undefined);
  return revision?.startsWith(root + sep) ? revision : root;
}

/** Paths of what belongs to a playbook, sorted; what seems to and does not is told. */
async function listPaths(reading: Reading): Promise<string[]> {
  const paths: string[] = [];
  const folders = new Map<string, string>(Object.entries(playbookFolders));
  for (const { name } of await entriesOf(reading, '')) {
    const isData = /\.(ya?ml|json)$/i.test(name);
    if (topFiles.some((file) => file === name)) paths.push(name);
    else if (isData) tell(reading, name, 'is no file of a playbook', hintOf(name, topFiles, ''));
    else if (folders.has(name)) continue;
    else if (!/\./.test(name) && isNearFolder(name, folders.keys()))
      tell(reading, name, 'is no folder of a playbook', hintOf(name, folders.keys(), ''));
  }
  for (const [folder, ending] of folders) {
    for (const { name } of await entriesOf(reading, folder)) {
      const path = `${folder}/${name}`;
      if (name.endsWith(ending)) paths.push(path);
      else if (/\.(ya?ml|json|md)$/i.test(name) && !/^readme\.md$/i.test(name))
        tell(reading, path, 'is no file of a playbook', `Names in ${folder}/ end with ${ending}`);
    }
  }
  return paths.sort();
}

function isNearFolder(name: string, folders: Iterable<string>): boolean {
  return hintOf(name, folders, '').startsWith('Did');
}

/** What lies in a folder and is not hidden; nothing where there is no such folder. */
async function entriesOf(reading: Reading, folder: string): Promise<Dirent[]> {
  try {
    const path = await realpath(join(reading.root, folder));
    if (!isInside(reading.root, path)) {
      tell(reading, folder, 'is a link out of the playbook', 'Copy what it points to into the folder');
      return [];
    }
    const entries = await readdir(path, { withFileTypes: true });
    if (entries.length > mostEntries) {
      tell(reading, folder, `${entries.length} files`, `Use at most ${mostFiles}`);
      return [];
    }
    return entries.filter(({ name }) => !name.startsWith('.'));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') tell(reading, folder, reasonOf(error), 'Make a folder of it');
    return [];
  }
}

async function readOne(reading: Reading, path: string): Promise<void> {
  try {
    const real = await realpath(join(reading.root, path));
    if (!isInside(reading.root, real))
      return tell(reading, path, 'is a link out of the playbook', 'Copy what it points to into the folder');
    // Looked at before it is opened: opening a pipe would wait for ever.
    if (!(await stat(real)).isFile()) return tell(reading, path, 'is no file', 'Make a file of it');
    const bytes = await readBounded(real);
    if (bytes === undefined)
      return tell(reading, path, 'is larger than 1 MiB', 'Split it into several files');
    reading.bytes += bytes.length;
    if (reading.bytes > largestPlaybookBytes)
      return tell(reading, path, 'the playbook is larger than 16 MiB', 'Move out what the bot does not need');
    const decoded = decodeText(path, bytes);
    if (!decoded.ok) reading.problems.push(decoded.problem);
    else (isTest(path) ? reading.tests : reading.texts)[path] = decoded.text;
  } catch (error) {
    tell(reading, path, reasonOf(error), 'Check that the file is there and may be read');
  }
}

async function readBounded(path: string): Promise<Uint8Array | undefined> {
  await using file = await open(path);
  const buffer = Buffer.alloc(Math.min((await file.stat()).size, largestFileBytes) + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length > largestFileBytes ? undefined : buffer.subarray(0, length);
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root + sep);
}

function tell({ problems }: Reading, file: string, message: string, hint: string): void {
  problems.push({ file, line: 1, column: 1, message, hint });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'may not be read',
  ENOTDIR: 'is no folder',
  ELOOP: 'is a link to itself',
};

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const known = typeof code === 'string' ? reasons[code] : undefined;
  return known ?? `cannot be read (${error instanceof Error ? error.message : String(error)})`;
}
