import { PlaybookError } from './errors.ts';
import { examinePlaybook } from './examine-playbook.ts';
import type { LoadOptions } from './load-options.ts';
import type { Playbook } from './playbook.ts';
import type { PlaybookFiles } from './playbook-files.ts';

/**
 * The playbook that a folder's files make. Pure: the same files and options give the same playbook.
 *
 * @throws {PlaybookError} with every mistake at once, each with file, line, column and a hint.
 */
export function parsePlaybook(files: PlaybookFiles, options: LoadOptions): Playbook {
  const { playbook, problems } = examinePlaybook(files, options);
  if (playbook === undefined) throw new PlaybookError(files.dir, problems);
  return playbook;
}
