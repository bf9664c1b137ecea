/**
 * Applies a diff as the guide prints them: hunks without line numbers, apart by a line `@@`, each of lines that begin with a
 * blank (stays), `-` (goes) or `+` (comes). What stays and goes has to be in the file, once.
 *
 * @throws {Error} where a hunk does not fit: the file has changed since the page was written.
 */
export function applyDiff(file: string, text: string, diff: string): string {
  return diff
    .replace(/\n$/, '')
    .split(/^@@.*\n/m)
    .filter((hunk) => hunk !== '')
    .reduce((whole, hunk) => applyHunk(file, whole, hunk.replace(/\n$/, '').split('\n')), text);
}

function applyHunk(file: string, whole: string, lines: readonly string[]): string {
  const side = (sign: string): string =>
    lines
      .filter((line) => line === '' || line.startsWith(' ') || line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const [before, after] = [side('-'), side('+')];
  const places = whole.split(before).length - 1;
  if (before === '' || places !== 1)
    throw new Error(`${file} has ${places} places for this change, not one:\n${before}`);
  return whole.replace(before, () => after);
}
