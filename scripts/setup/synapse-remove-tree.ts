import { readFile, rm } from 'node:fs/promises';

/** Removes a folder that may have been a root file system; refuses while anything is mounted below it. */
export async function removeTree(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((place) => place.startsWith(`${folder}/`));
  if (mounts.length > 0) {
    throw new Error(
      `Cannot remove ${folder}: still mounted below it: ${mounts.join(', ')}. Use umount first.`,
    );
  }
  await rm(folder, { recursive: true, force: true });
}
