/** Words longer than this are no value of any type. */
const longestWord = 200;

/** The words of a text, without the punctuation around them, in one pass. */
export function findWords(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word.length <= longestWord)
    .map((word) => word.replace(/^[("'“‘<]+/, '').replace(/[)"'”’>.,;:!?]{1,10}$/, ''))
    .filter((word) => word !== '');
}
