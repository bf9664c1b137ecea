import type { Validator } from '#dialogue/flows/validator';
import type { FlowSpec, SlotSpec } from '#playbook/flow-spec';
import { isCommonWord } from './common-words.ts';
import { findText, leadsOf } from './find-text.ts';
import { type SlotKind, slotKind } from './slot-kind.ts';
import { type Token, tokensOf } from './tokens-of.ts';
import { toExample } from './training-set.ts';

/** The words around `{slot}` in an example: up to two before, one after. */
interface Place {
  readonly before: readonly string[];
  readonly after: string | undefined;
}

/** What is known of a slot: how its values look, and where in a sentence they stand. */
export interface SlotPlaces {
  readonly slot: SlotSpec;
  readonly kind: SlotKind;
  readonly validator: Validator | undefined;
  readonly places: readonly Place[];
  /** Words that follow each other in examples without being a value: "project records". */
  readonly plain: ReadonlySet<string>;
  /** What leads to a value that goes on to the end of the text. */
  readonly leads: readonly string[];
}

/** Learns from the examples of a flow where values of its slots stand. */
export function learnPlaces(flow: FlowSpec, validators: ReadonlyMap<string, Validator>): SlotPlaces[] {
  return [...flow.slots.values()].map((slot) => {
    const validator = validators.get(slot.type);
    const examples = [...flow.examples, ...slot.examples].map((example) => toExample(example).text);
    const places = examples.flatMap((example) => placesIn(example, slot.name));
    const plain = new Set(examples.flatMap(pairsIn));
    return { slot, kind: slotKind(validator), validator, places, plain, leads: leadsOf(slot) };
  });
}

function pairsIn(example: string): string[] {
  const words = tokensOf(example).map(({ word }) => word.toLowerCase());
  return words.slice(1).map((word, index) => `${words[index]} ${word}`);
}

function placesIn(example: string, slot: string): Place[] {
  const words = tokensOf(example).map(({ word }) => word.toLowerCase());
  return words.flatMap((word, index) => {
    if (word !== `{${slot}}`) return [];
    const before = words.slice(Math.max(0, index - 2), index);
    const own = before.slice(before.findLastIndex((other) => other.startsWith('{')) + 1);
    const after = words[index + 1];
    return [{ before: own, after: after?.startsWith('{') ? undefined : after }];
  });
}

/** The value of a slot that a text says by itself, as it is written there; undefined where it says none. */
export function findSlotValue(
  { slot, kind, validator, places, plain, leads }: SlotPlaces,
  text: string,
  isKnownWord: (word: string) => boolean,
): string | undefined {
  if (kind === 'boolean' || validator === undefined) return undefined;
  if (kind === 'text') return findText(leads, text);
  const tokens = tokensOf(text);
  const candidates =
    kind === 'pattern' ? patternCandidates(validator, text, tokens) : nameCandidates(tokens, slot);
  let best: { value: string; score: number } | undefined;
  for (const { value, at, last } of candidates) {
    if (!validator.validate(value).ok || isTakenBack(tokens, at, kind)) continue;
    const isKnown = kind === 'name' && isKnownWord(value);
    const [previous, word] = [tokens[at - 1]?.word, tokens[at]?.word];
    if (isKnown && plain.has(`${previous} ${word}`.toLowerCase())) continue;
    const score = scoreOf({ slot, places, tokens, at, last, kind, isKnown });
    if (score > 0 && score >= (best?.score ?? 0)) best = { value, score };
  }
  return best?.value;
}

interface Candidate {
  readonly value: string;
  /** The index of its first and of its last token. */
  readonly at: number;
  readonly last: number;
}

function patternCandidates(validator: Validator, text: string, tokens: readonly Token[]): Candidate[] {
  let [from, at, behind] = [0, 0, 0];
  return validator.find(text).flatMap((value) => {
    const start = text.indexOf(value, from);
    if (start < 0) return [];
    from = start + value.length;
    // Values stand in the order of the text: no token is looked at twice.
    while (at < tokens.length && (tokens[at]?.end ?? 0) <= start) at += 1;
    while (behind < tokens.length && (tokens[behind]?.start ?? 0) < from) behind += 1;
    return [{ value, at: at < tokens.length ? at : -1, last: behind - 1 }];
  });
}

function nameCandidates(tokens: readonly Token[], { name }: SlotSpec): Candidate[] {
  const own = new Set(name.split('_'));
  return tokens.flatMap(({ word }, at) => {
    const value = word.replace(/'s?$/iu, '');
    if (!/\p{L}/u.test(value) || isCommonWord(value) || own.has(value.toLowerCase())) return [];
    return [{ value, at, last: at }];
  });
}

/** "not 50", "instead of 50", "from 50": not the value that is meant. */
function isTakenBack(tokens: readonly Token[], at: number, kind: SlotKind): boolean {
  const [before, previous] = [tokens[at - 2]?.word.toLowerCase(), tokens[at - 1]?.word.toLowerCase()];
  return (
    previous === 'not' ||
    (kind === 'pattern' && previous === 'from') ||
    previous === 'than' ||
    (before === 'instead' && previous === 'of')
  );
}

interface Scored {
  readonly slot: SlotSpec;
  readonly places: readonly Place[];
  readonly tokens: readonly Token[];
  readonly at: number;
  readonly last: number;
  readonly kind: SlotKind;
  readonly isKnown: boolean;
}

/** How well a candidate stands where values stand. A word that the playbook uses itself needs the slot's name before it. */
function scoreOf({ slot, places, tokens, at, last, kind, isKnown }: Scored): number {
  const word = (index: number): string => tokens[index]?.word.toLowerCase() ?? '';
  const near = word(at - 1);
  const isTold =
    isTelling(near, slot) || (/^(?:is|called|named|:)$/.test(near) && isTelling(word(at - 2), slot));
  if (isKnown && !isTold) return 0;
  let score = (kind === 'pattern' ? 1 : 0) + (isTold ? 6 : 0);
  for (const { before, after } of places) {
    const isAfter = after !== undefined && after === word(last + 1);
    if (before.at(-1) !== near || near === '') {
      if (kind === 'name' && isAfter && !isCommonWord(after)) score = Math.max(score, 2);
      continue;
    }
    const isLong = before.length > 1 && before.at(-2) === word(at - 2);
    score = Math.max(
      score,
      (isCommonWord(near) ? 1 : 4) + (isLong ? 3 : 0) + (isAfter ? 1 : 0) + (kind === 'pattern' ? 1 : 0),
    );
  }
  // "tim-b", "dev42" look like names, and words do not.
  return score > 0 && kind === 'name' && /[\p{L}\p{N}][-_.\d]/u.test(word(at)) ? score + 3 : score;
}

/** Whether a word announces a value of the slot: the slot's name or how it begins (user, org), or "called". */
export function isTelling(word: string, { name, type }: Pick<SlotSpec, 'name' | 'type'>): boolean {
  if (word === 'called' || word === 'named') return true;
  const bare = word.replace('iz', 'is');
  return (
    (bare.length > 3 || bare === 'org') && [...name.split('_'), type].some((part) => part.startsWith(bare))
  );
}
