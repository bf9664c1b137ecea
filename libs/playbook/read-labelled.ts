import { readFile, stat } from 'node:fs/promises';
import { decodeText } from './decode-text.ts';
import { PlaybookError, type PlaybookProblem } from './errors.ts';
import { readYaml } from './read-yaml.ts';
import { type LabelledMessage, labelledFile } from './schemas/labelled-file.ts';

const largestBytes = 16_777_216;

/**
 * Reads a labelled set: any file in the format of `understanding/labelled.yaml`.
 *
 * @throws {PlaybookError} with every mistake in it.
 */
export async function readLabelled(path: string): Promise<readonly LabelledMessage[]> {
  const refuse = (...problems: readonly PlaybookProblem[]): never => {
    throw new PlaybookError(path, problems);
  };
  const problem = (message: string, hint: string): PlaybookProblem => ({
    file: path,
    line: 1,
    column: 1,
    message,
    hint,
  });
  // Whatever keeps it from being looked at, it is told as a file that is not there.
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return refuse(problem('is no file', 'Check its path'));
  if (found.size > largestBytes) return refuse(problem('is larger than 16 MiB', 'Split it'));
  const decoded = decodeText(path, await readFile(path));
  if (!decoded.ok) return refuse(decoded.problem);
  const { value, problems } = readYaml(path, decoded.text, labelledFile);
  return value ?? refuse(...problems);
}
