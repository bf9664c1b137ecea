import type { LoadOptions } from './load-options.ts';
import { parsePlaybook } from './parse-playbook.ts';
import type { Playbook } from './playbook.ts';
import { readPlaybookFiles } from './read-playbook-files.ts';

/**
 * Reads and checks a playbook's folder.
 *
 * @throws {PlaybookError} with every mistake at once, each with file, line, column and a hint.
 */
export async function loadPlaybook(dir: string, options: LoadOptions): Promise<Playbook> {
  return parsePlaybook(await readPlaybookFiles(dir), options);
}
