import { findSlotValue, type SlotPlaces } from './find-slot-values.ts';
import { textAnswer } from './find-text.ts';
import type { Language } from './language.ts';
import { loneName } from './lone-name.ts';
import { stripAnswer } from './strip-answer.ts';
import type { Act } from './training-set.ts';
import type { DialogueContext } from './understanding.ts';

export interface Answer {
  readonly slot: string;
  readonly value: string;
  readonly isFilled: boolean;
}

type Acts = Readonly<Record<Act, number>>;

/**
 * Reads the answer to what was asked, and what the text says of other slots of the same flow; undefined where it is no
 * answer.
 */
export function readAnswer(
  text: string,
  context: DialogueContext,
  language: Language,
  acts: Acts,
): Answer[] | undefined {
  const { awaiting, filled } = context;
  if (awaiting === null) return undefined;
  const slots = language.placesOf(awaiting.flow);
  const asked = slots.find(({ slot }) => slot.name === awaiting.slot);
  const value =
    asked === undefined || asked.kind === 'boolean'
      ? readBoolean(text, awaiting, language, acts, asked)
      : readValue(text, asked, language, acts);
  const others = asked?.kind === 'text' ? [] : othersIn(text, slots, awaiting.slot, language);
  const answers = others.map(([slot, other]) => ({ slot, value: other, isFilled: filled.includes(slot) }));
  if (value === undefined) return answers.length === 0 ? undefined : answers;
  const fresh = answers.filter((answer) => !answer.isFilled && answer.value !== value);
  return [{ slot: awaiting.slot, value, isFilled: false }, ...fresh];
}

function readBoolean(
  text: string,
  { flow, slot }: { readonly flow: string; readonly slot: string },
  language: Language,
  acts: Acts,
  asked: SlotPlaces | undefined,
): string | undefined {
  const meaning = asked && language.meaning(flow, slot, text);
  if (meaning !== undefined && meaning.likelihood > 0.7 && language.familiarity(text) > 0.4)
    return meaning.value;
  const opening = /^[^,.;:!]{1,30}(?=[,.;:!]\s)/u.exec(text)?.[0];
  const first = opening === undefined ? acts : language.acts(opening);
  for (const { affirm, deny } of [acts, first]) {
    if (affirm + deny > 0.45) return affirm > deny ? 'yes' : 'no';
  }
  return undefined;
}

function readValue(text: string, asked: SlotPlaces, language: Language, acts: Acts): string | undefined {
  const { kind, validator } = asked;
  if (kind === 'text') {
    const answer = textAnswer(asked.leads, text);
    return isUnclear(acts) && answer.split(/\s+/).length < 2 ? undefined : answer;
  }
  const found = findSlotValue(asked, text, language.isKnownWord);
  if (found !== undefined) return found;
  const bare = stripAnswer(text);
  // What is said around a value ("acme, thanks") does not make it less of an answer.
  const inner = bare === text ? acts : language.acts(bare);
  const words = bare.split(/\s+/);
  const [first = '', ...others] = text.split(/\s*[,;.]\s+|\s+and\s+/iu);
  if (others.length > 0 && words.length > 1) {
    const value = readValue(first, asked, language, language.acts(first));
    if (value !== undefined) return value;
  }
  if (validator === undefined || (kind !== 'name' && words.length > 4)) return undefined;
  if (
    kind === 'name' &&
    (words.length > 3 || isUnclear(inner) || words.every((word) => language.isKnownWord(word)))
  ) {
    const isPlain = words.length === 1 && inner.inform > 0.3 && validator.validate(bare).ok;
    if (isPlain) return bare;
    const name = loneName(text, language.isKnownWord);
    const isName = name !== undefined && (acts.inform > 0.3 || /[-_\d]/u.test(name));
    return isName && validator.validate(name).ok ? name : undefined;
  }
  if (validator.validate(bare).ok) return bare;
  return kind === 'pattern' && /\d/.test(bare) && words.length <= 2 ? bare : undefined;
}

function isUnclear(acts: Acts): boolean {
  return acts.affirm + acts.deny + acts.greeting + acts.thanks + acts.vague + acts.chat > 0.6;
}

function othersIn(
  text: string,
  slots: readonly SlotPlaces[],
  asked: string,
  language: Language,
): [string, string][] {
  return slots.flatMap((places): [string, string][] => {
    if (places.slot.name === asked) return [];
    const value = findSlotValue(places, text, language.isKnownWord);
    return value === undefined ? [] : [[places.slot.name, value]];
  });
}
