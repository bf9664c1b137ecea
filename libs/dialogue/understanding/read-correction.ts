import { isCommonWord } from './common-words.ts';
import { findSlotValue, isTelling, type SlotPlaces } from './find-slot-values.ts';
import { loneName } from './lone-name.ts';
import { stripAnswer } from './strip-answer.ts';
import type { DialogueContext } from './understanding.ts';

export interface Correction {
  readonly slot: string;
  /** Null where the text says that it is wrong, but not what is right. */
  readonly value: string | null;
}

type Known = (word: string) => boolean;

/**
 * Finds which slot a correcting text is about, and its new value: by the slot's name in the text, by the look of the value,
 * or else it is the slot that was told last.
 */
export function readCorrection(
  text: string,
  slots: readonly SlotPlaces[],
  context: DialogueContext,
  isKnownWord: Known,
): Correction | undefined {
  const open = context.awaiting?.slot;
  const told = slots.filter(({ slot }) => context.filled.includes(slot.name) || slot.name === open);
  const named = namedSlot(text, slots);
  if (named !== undefined) return { slot: named.slot.name, value: correctedValue(text, named, isKnownWord) };
  const byLook = told
    .filter(({ kind }) => kind === 'pattern')
    .findLast((places) => findSlotValue(places, text, isKnownWord));
  if (byLook !== undefined)
    return { slot: byLook.slot.name, value: findSlotValue(byLook, text, isKnownWord) ?? null };
  const rest = meantPart(text);
  const isPlain = rest.split(/\s+/).length <= 2 && !isKnownWord(rest);
  const value = isPlain ? rest : loneName(rest, isKnownWord);
  if (value === undefined) return undefined;
  const byWord = told
    .filter(({ kind }) => kind === 'name')
    .findLast(({ validator }) => validator?.validate(value).ok === true);
  return byWord === undefined ? undefined : { slot: byWord.slot.name, value };
}

/** The slot that the text calls by its name, or by the name of its type. */
function namedSlot(text: string, slots: readonly SlotPlaces[]): SlotPlaces | undefined {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const telling = words.filter((word) => !ignored.has(word) && word !== 'called' && word !== 'named');
  return (
    slots.find(({ slot }) => telling.some((word) => isTelling(word, slot))) ??
    slots.find((places) => telling.some((word) => announces(places, word)))
  );
}

/** Whether examples put the word right before the value: "account {username}". */
function announces({ places, kind }: SlotPlaces, word: string): boolean {
  return kind === 'name' && !isCommonWord(word) && places.some(({ before: words }) => words.at(-1) === word);
}

const ignored = new Set(['text', 'number', 'boolean', 'lost', 'money', 'name']);

function correctedValue(text: string, places: SlotPlaces, isKnownWord: Known): string | null {
  const found = findSlotValue(places, text, isKnownWord);
  if (found !== undefined) return found;
  if (places.kind === 'boolean' || places.kind === 'pattern') return null;
  const rest = /\b(?:is|it's|its|was|to|be|by|with|into|:)\s+(?!wrong|not |incorrect)(.+)$/iu.exec(text)?.[1];
  const bare = rest === undefined ? '' : meantPart(rest);
  const isValue =
    bare !== '' &&
    places.validator?.validate(bare).ok !== false &&
    (places.kind === 'text' || !isKnownWord(bare));
  if (isValue) return bare;
  return (places.kind === 'name' ? loneName(text, isKnownWord) : undefined) ?? null;
}

/** What is meant in "no, it is a, not b", "not b but a", "a instead of b". */
function meantPart(text: string): string {
  const afterBut = /\bnot\b.{1,80}?\b(?:but|,)\s+(.+)$/iu.exec(text)?.[1] ?? text;
  const before = afterBut.replace(
    /(?:,?\s+(?:and\s+)?not\s+|\s+instead\s+of\s+|\s+rather\s+than\s+).*$/iu,
    '',
  );
  return stripAnswer(before);
}
