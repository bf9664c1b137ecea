import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlaybookError, type PlaybookProblem } from '#playbook/errors';
import { readYaml } from '#playbook/read-yaml';
import { dialogueFile } from '#playbook/schemas/dialogue-file';
import type { Dialogue } from './dialogue.ts';

const folder = 'dialogues';

/**
 * Reads the conversation tests of a playbook, in the order of their files' names.
 *
 * @throws {PlaybookError} with every mistake in them.
 */
export async function readDialogues(dir: string): Promise<readonly Dialogue[]> {
  const files = (await filesIn(join(dir, folder)))
    .filter((file) => file.endsWith('.dialogue.yaml'))
    .toSorted();
  const problems: PlaybookProblem[] = [];
  const dialogues: Dialogue[] = [];
  for (const name of files) {
    const file = `${folder}/${name}`;
    const read = readDialogue(file, await readFile(join(dir, file), 'utf8'));
    if (read.ok) dialogues.push(read.dialogue);
    else problems.push(...read.problems);
  }
  if (problems.length > 0) throw new PlaybookError(dir, problems);
  return dialogues;
}

export type ReadDialogue =
  | { readonly ok: true; readonly dialogue: Dialogue }
  | { readonly ok: false; readonly problems: readonly PlaybookProblem[] };

/** Reads one file; `file` is how problems name it. */
export function readDialogue(file: string, text: string): ReadDialogue {
  const { value, problems, problemAt } = readYaml(file, text, dialogueFile);
  if (value === undefined) return { ok: false, problems };
  const lineOf: Dialogue['lineOf'] = (turn, expectation) => {
    const path = expectation === undefined ? ['turns', turn] : ['turns', turn, 'expect', expectation];
    return problemAt(path, '', '').line;
  };
  return { ok: true, dialogue: { ...value, file, lineOf } };
}

async function filesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
