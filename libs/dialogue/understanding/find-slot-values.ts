import type { FlowSpec, SlotSpec } from '#playbook/flow-spec';
import type { Validator } from '../flows/validator.ts';
import { isCommonWord } from './common-words.ts';
import { type SlotKind, slotKind } from './slot-kind.ts';
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
}

/** Learns from the examples of a flow where values of its slots stand. */
export function learnPlaces(flow: FlowSpec, validators: ReadonlyMap<string, Validator>): SlotPlaces[] {
  return [...flow.slots.values()].map((slot) => {
    const validator = validators.get(slot.type);
    const examples = [...flow.examples, ...slot.examples].map((example) => toExample(example).text);
    const places = examples.flatMap((example) => placesIn(example, slot.name));
    return { slot, kind: slotKind(validator), validator, places };
  });
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

export interface Token {
  /** Without the punctuation around it. */
  readonly word: string;
  /** Where the word begins and ends in the text. */
  readonly start: number;
  readonly end: number;
}

/** Words of a text with their places; what stands in quotation marks is one. */
export function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(/"[^"\n]{1,100}"|[^\s"]+/gu), (match) => {
    const lead = /^["'(,:;[{]*/u.exec(match[0])?.[0].length ?? 0;
    const opening = match[0].startsWith('{') || match[0].startsWith('[') ? 0 : lead;
    const word = match[0].slice(opening).replace(opening === 0 ? /[,:;.!?]+$/u : /["'),:;.!?\]}]+$/u, '');
    const bare = opening === 0 && !/^[{[]/.test(word) ? word.replace(/["')\]}]+$/u, '') : word;
    return { word: bare, start: match.index + opening, end: match.index + opening + bare.length };
  }).filter(({ word }) => word !== '');
}

/** The value of a slot that a text says by itself, as it is written there; undefined where it says none. */
export function findSlotValue(
  { slot, kind, validator, places }: SlotPlaces,
  text: string,
  isKnownWord: (word: string) => boolean,
): string | undefined {
  if (kind === 'boolean' || validator === undefined) return undefined;
  if (kind === 'text') return findText(places, text);
  const tokens = tokensOf(text);
  const candidates =
    kind === 'pattern' ? patternCandidates(validator, text, tokens) : nameCandidates(tokens, slot);
  let best: { value: string; score: number } | undefined;
  for (const { value, at, last } of candidates) {
    if (!validator.validate(value).ok || isTakenBack(tokens, at)) continue;
    const score = scoreOf({ places, tokens, at, last, kind, isKnown: kind === 'name' && isKnownWord(value) });
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
  let from = 0;
  return validator.find(text).flatMap((value) => {
    const start = text.indexOf(value, from);
    if (start < 0) return [];
    from = start + value.length;
    const at = tokens.findIndex(({ end }) => end > start);
    return [{ value, at, last: tokens.findLastIndex((token) => token.start < from) }];
  });
}

function nameCandidates(tokens: readonly Token[], { name }: SlotSpec): Candidate[] {
  const own = new Set(name.split('_'));
  return tokens.flatMap(({ word }, at) => {
    const value = word.replace(/'s?$/iu, '');
    if (value === '' || isCommonWord(value) || own.has(value.toLowerCase())) return [];
    return [{ value, at, last: at }];
  });
}

/** "not 50", "instead of 50", "from 50": not the value that is meant. */
function isTakenBack(tokens: readonly Token[], at: number): boolean {
  const [before, previous] = [tokens[at - 2]?.word.toLowerCase(), tokens[at - 1]?.word.toLowerCase()];
  return (
    previous === 'not' ||
    previous === 'from' ||
    previous === 'than' ||
    (before === 'instead' && previous === 'of')
  );
}

interface Scored {
  readonly places: readonly Place[];
  readonly tokens: readonly Token[];
  readonly at: number;
  readonly last: number;
  readonly kind: SlotKind;
  readonly isKnown: boolean;
}

/** How well a candidate stands where values stand. A word that the playbook uses itself needs a better place. */
function scoreOf({ places, tokens, at, last, kind, isKnown }: Scored): number {
  const word = (index: number): string => tokens[index]?.word.toLowerCase() ?? '';
  let score = kind === 'pattern' ? 1 : 0;
  for (const { before, after } of places) {
    const near = before.at(-1);
    if (near === undefined || near !== word(at - 1)) {
      if (
        kind === 'name' &&
        after !== undefined &&
        !isCommonWord(after) &&
        after === word(last + 1) &&
        !isKnown
      )
        score = Math.max(score, 2);
      continue;
    }
    const isWeak = isCommonWord(near);
    const isLong = before.length > 1 && before.at(-2) === word(at - 2);
    const place =
      (isWeak ? 1 : 4) + (isLong ? 3 : 0) + (after !== undefined && after === word(last + 1) ? 1 : 0);
    score = Math.max(score, isKnown && isWeak ? 0 : kind === 'pattern' ? place + 1 : place);
  }
  return score;
}

const longestValue = 500;

/** Text begins after the words that stand before it in examples, and goes on to the end. */
function findText(places: readonly Place[], text: string): string | undefined {
  const tokens = tokensOf(text);
  for (const [at, { end }] of tokens.entries()) {
    const words = [tokens[at - 1]?.word.toLowerCase(), tokens[at]?.word.toLowerCase()];
    const isLead = places.some(({ before, after }) => {
      if (after !== undefined || before.length === 0) return false;
      if (before.length === 1) return before[0] === words[1] && !isVagueLead(before[0]);
      return before[0] === words[0] && before[1] === words[1] && !words.every(isVagueLead);
    });
    if (!isLead) continue;
    const value = text
      .slice(end)
      .replace(/^[\s:,.]+/, '')
      .trim()
      .slice(0, longestValue);
    if (value !== '') return value;
  }
  return undefined;
}

/** Words before a value that stand before anything else as well. */
function isVagueLead(word: string | undefined): boolean {
  return word === undefined || /^(?:is|it|the|for|of|to|that|on|and|a)$/.test(word);
}
