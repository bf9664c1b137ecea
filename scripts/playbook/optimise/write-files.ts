import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PlaybookFiles } from '#playbook/playbook-files';
import { readPlaybookFiles } from '#playbook/read-playbook-files';
import { CommandError } from '../../cli/errors.ts';

/** The files that differ, in the order of their names. */
export function changedFiles(before: PlaybookFiles, after: PlaybookFiles): readonly string[] {
  return Object.keys(after.texts)
    .filter((file) => after.texts[file] !== before.texts[file])
    .toSorted();
}

/**
 * Writes what differs, each file at once. Every file by itself leaves a playbook that checks, so that an end in between harms
 * nothing.
 *
 * @throws {CommandError} where somebody else has changed the folder meanwhile: then nothing is written.
 */
export async function writeFiles(dir: string, before: PlaybookFiles, after: PlaybookFiles): Promise<void> {
  const now = await readPlaybookFiles(dir);
  const moved = changedFiles(before, after).filter((file) => now.texts[file] !== before.texts[file]);
  if (moved.length > 0)
    throw new CommandError(`${moved.join(', ')} changed meanwhile, so nothing is written. Optimise again`);
  for (const file of changedFiles(before, after)) {
    const path = join(dir, file);
    await mkdir(dirname(path), { recursive: true });
    const real = await realpath(path).catch(() => path);
    const fresh = `${real}.${process.pid}.new`;
    try {
      await writeFile(fresh, after.texts[file] ?? '', { flag: 'wx' });
      await rename(fresh, real);
    } finally {
      await rm(fresh, { force: true });
    }
  }
}
