/**
 * How well the texts anywhere inside `value` answer a free-text query: the share of the query's different words that
 * occur in them, from 0 to 1, upper and lower case alike. Undefined where the query has no words. Words, not meaning.
 */
export function wordScore(value: unknown, query: string): number | undefined {
  const wanted = new Set(wordsOf(query));
  if (wanted.size === 0) return undefined;
  const present = new Set(textsOf(value).flatMap(wordsOf));
  return [...wanted].filter((word) => present.has(word)).length / wanted.size;
}

function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}
