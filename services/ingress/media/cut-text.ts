/** Characters of a text file that are kept: far more than is shown to a model, and quick to look through. */
const longest = 64 * 1024;
/** Of an address or a key. */
const longestWord = 512;

/**
 * The beginning of a text, cut at the end of a line, else of a word: personal data that is cut in two would not be
 * known for what it is.
 */
export function cutText(text: string): string {
  if (text.length <= longest) return text;
  const beginning = text.slice(0, longest).toWellFormed();
  const line = beginning.lastIndexOf('\n');
  if (line > longest / 2) return beginning.slice(0, line);
  const end = beginning.length - longestWord;
  // Of the end alone: over all of it the search would take a second.
  return beginning.slice(0, end) + beginning.slice(end).replace(/[^\s,;"'<>()[\]{}]+$/, '');
}
