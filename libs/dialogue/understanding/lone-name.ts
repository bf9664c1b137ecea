import { isCommonWord } from './common-words.ts';
import { tokensOf } from './tokens-of.ts';

const mostWords = 8;

/** The one word of a short text that is nobody's everyday word; undefined where there is none, or more than one. */
export function loneName(text: string, isKnownWord: (word: string) => boolean): string | undefined {
  const words = tokensOf(text).map(({ word }) => word);
  if (words.length > mostWords) return undefined;
  const names = words.filter(
    (word) => word.length > 2 && /\p{L}/u.test(word) && !isCommonWord(word) && !isKnownWord(word),
  );
  return names.length === 1 ? names[0] : undefined;
}
