/** More than these are read together with the last one. */
const mostSentences = 24;

/** A long line that goes on below in the middle of its sentence. */
const wrapped = /([^\n]{60}[^.!?…:;\n])\n(?=\p{Ll})/gu;

/** A message in sentences: each line by itself, and each line after a closing mark that a blank follows. */
export function splitSentences(text: string): string[] {
  const sentences = text
    .replaceAll(wrapped, '$1 ')
    .split(/(?<=[.!?…])\s+|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
  if (sentences.length <= mostSentences) return sentences;
  return [...sentences.slice(0, mostSentences - 1), sentences.slice(mostSentences - 1).join(' ')];
}
