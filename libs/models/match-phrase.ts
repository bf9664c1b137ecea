import type { Phrase } from '#playbook/parse-phrase';

/** One sentence, spelt twice at the same length: to compare, and to take slot values from. */
export interface Sentence {
  readonly compared: string;
  readonly written: string;
}

/** Longer ones are no request that a phrase describes. */
const longestSentence = 500;
const longestValue = 200;

/** Spells a sentence for comparison: one blank between words, straight quotes, lower case, no closing punctuation. */
export function toSentence(text: string): Sentence | undefined {
  const written = text
    .normalize('NFC')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[\s\p{Cf}]+/gu, ' ')
    .replace(/[\s.!?…]+$/u, '')
    .trim();
  if (written === '' || written.length > longestSentence) return undefined;
  return { compared: lower(written), written };
}

/** Lower case, character by character, where that keeps the length: so that places in both spellings agree. */
function lower(text: string): string {
  return Array.from(text, (character) => {
    const small = character.toLowerCase();
    return small.length === character.length ? small : character;
  }).join('');
}

/**
 * Matches a whole sentence against a phrase, in time linear in its length, and returns the values of its slots as
 * they are written, without the quotes and commas around them; undefined where it does not match.
 */
export function matchPhrase(sentence: Sentence, phrase: Phrase): ReadonlyMap<string, string> | undefined {
  const { compared, written } = sentence;
  const values = new Map<string, string>();
  let position = 0;
  let open: string | undefined;
  for (const [index, part] of phrase.entries()) {
    if (part.kind === 'slot') {
      open = part.name;
      continue;
    }
    const isLast = index === phrase.length - 1;
    const at = findText(compared, part.text, { position, isOpen: open !== undefined, isLast });
    if (at < 0) return undefined;
    if (open !== undefined && !setValue(values, open, written.slice(position, at))) return undefined;
    open = undefined;
    position = at + part.text.length;
  }
  if (open !== undefined) return setValue(values, open, written.slice(position)) ? values : undefined;
  return position === compared.length ? values : undefined;
}

function findText(
  compared: string,
  text: string,
  { position, isOpen, isLast }: { position: number; isOpen: boolean; isLast: boolean },
): number {
  if (!isOpen) return compared.startsWith(text, position) ? position : -1;
  if (!isLast) return compared.indexOf(text, position);
  const at = compared.length - text.length;
  return at >= position && compared.endsWith(text) ? at : -1;
}

function setValue(values: Map<string, string>, slot: string, written: string): boolean {
  const value = written.replace(/^[\s"'“”„«»`,:;(]+/u, '').replace(/[\s"'“”„«»`,:;)]+$/u, '');
  if (value === '' || value.length > longestValue) return false;
  values.set(slot, value);
  return true;
}
