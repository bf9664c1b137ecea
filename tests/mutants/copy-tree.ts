import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TreeCopy extends AsyncDisposable {
  /** Where the sources are. */
  readonly path: string;
  /** For the temporary files of what runs there; removed with the copy. */
  readonly temporary: string;
}

/**
 * Copies the work tree as it is now, with changes that are not committed and without what git ignores, into a folder of
 * its own, which uses the packages of this one.
 */
export async function copyTree(root: string): Promise<TreeCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'vagent-mutants-'));
  const path = join(folder, 'tree');
  const temporary = join(folder, 'tmp');
  await mkdir(path);
  await mkdir(temporary);
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await run('git', list, { cwd: root, maxBuffer: 1 << 26 });
  for (const file of new Set(stdout.split('\0'))) {
    if (file === '' || !(await exists(join(root, file)))) continue;
    await mkdir(join(path, dirname(file)), { recursive: true });
    await cp(join(root, file), join(path, file), { verbatimSymlinks: true });
  }
  await symlink(join(root, 'node_modules'), join(path, 'node_modules'));
  // What was just ended may still be writing its last file.
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return { path, temporary, [Symbol.asyncDispose]: remove };
}

/** False for what git still lists although it was deleted. */
function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
