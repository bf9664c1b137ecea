import { isCommonWord } from './common-words.ts';
import { isTelling } from './find-slot-values.ts';
import type { Language } from './language.ts';
import { placeholdersIn } from './placeholders.ts';
import { tokensOf } from './tokens-of.ts';

const mostEntities = 10;

/**
 * What a text names, as it is written: placeholders of personal data and tokens, `@name`, and what follows the name of a slot
 * that takes names ("user dana", "the organisation acme").
 */
export function findEntities(text: string, language: Language): string[] {
  const found = placeholdersIn(text);
  const tokens = tokensOf(text);
  const named = nameSlots(language);
  for (const [at, { word }] of tokens.entries()) {
    const before = tokens[at - 1]?.word.toLowerCase() ?? '';
    const isName = /\p{L}/u.test(word) && !isCommonWord(word) && !/[[\]{}:/]/.test(word);
    if (!isName) continue;
    const isTold = named.some((slot) => isTelling(before, slot)) && !language.isKnownWord(word);
    if (word.startsWith('@') || isTold) found.push(word.replace(/^@|'s?$/giu, ''));
  }
  return [...new Set(found)].slice(0, mostEntities);
}

function nameSlots({ flows, placesOf }: Language) {
  return [...flows.keys()].flatMap((flow) =>
    placesOf(flow).flatMap(({ slot, kind }) => (kind === 'name' ? [slot] : [])),
  );
}
