import type { z } from 'zod';
import { PlaybookError } from './errors.ts';
import type { PlaybookFiles } from './playbook-files.ts';
import { readYaml } from './read-yaml.ts';
import { dialogueFile, type Expectations } from './schemas/dialogue-file.ts';

/** A conversation test: a conversation as it should go. */
export type DialogueTest = z.output<typeof dialogueFile> & {
  /** As problems name it. */
  readonly file: string;
  /** The line of a turn, or of one of its expectations, counted from 1. */
  readonly lineOf: (turn: number, expectation?: keyof Expectations) => number;
};

/**
 * The conversation tests of a playbook's folder, in the order of their files.
 *
 * @throws {PlaybookError} with every mistake in them.
 */
export function readDialogues({ dir, tests }: PlaybookFiles): readonly DialogueTest[] {
  const read = Object.entries(tests)
    .filter(([file]) => file.startsWith('dialogues/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, text]) => readYaml(file, text, dialogueFile));
  const problems = read.flatMap((yaml) => yaml.problems);
  if (problems.length > 0) throw new PlaybookError(dir, problems);
  return read.flatMap(({ file, value, problemAt }) => {
    if (value === undefined) return [];
    const lineOf: DialogueTest['lineOf'] = (turn, expectation) => {
      const path = expectation === undefined ? ['turns', turn] : ['turns', turn, 'expect', expectation];
      return problemAt(path, '', '').line;
    };
    return [{ ...value, file, lineOf }];
  });
}
