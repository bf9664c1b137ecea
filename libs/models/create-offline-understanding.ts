import type { Json } from '#contract/canonical-json';
import type { Phrase } from '#playbook/parse-phrase';
import type { Playbook, SlotType, ToolPhrases } from '#playbook/playbook';
import { matchPhrase, type Sentence, toSentence } from './match-phrase.ts';
import { stripPoliteWords } from './strip-polite-words.ts';
import type { Intent, Understand } from './understanding.ts';

/** What is looked at: a longer message is searched for by its beginning. */
const longestText = 8_000;
const mostSentences = 50;

/**
 * Understands without a model: a sentence that is one of the playbook's phrases as a whole means that, all other
 * sentences together are a question. So "How do I delete all records of project X?" asks and never acts.
 */
export function createOfflineUnderstanding({ talk, tools }: Pick<Playbook, 'talk' | 'tools'>): Understand {
  const find = (sentence: Sentence): Intent | undefined => {
    const bare = stripPoliteWords(sentence, talk);
    for (const kind of ['cancel', 'status', 'thanks', 'greeting'] as const) {
      if (matchesAny(sentence, talk[kind]) || matchesAny(bare, talk[kind])) return { kind };
    }
    return findRequest(bare, tools);
  };
  return async ({ text }) => {
    const questions: string[] = [];
    const found: Intent[] = [];
    for (const piece of splitSentences(text.slice(0, longestText).toWellFormed())) {
      const sentence = toSentence(piece);
      const intent = sentence === undefined ? undefined : find(sentence);
      if (intent !== undefined) found.push(intent);
      else if (/[\p{L}\p{N}]/u.test(piece)) questions.push(piece.trim());
    }
    if (questions.length > 0) found.push({ kind: 'question', text: questions.join(' ') });
    return { intents: settle(found, text) };
  };
}

function splitSentences(text: string): string[] {
  return text.split(/(?<=[.!?…])\s+|\n+/u, mostSentences).filter((piece) => piece.trim() !== '');
}

function matchesAny(sentence: Sentence, phrases: readonly Phrase[]): boolean {
  return phrases.some((phrase) => matchPhrase(sentence, phrase) !== undefined);
}

function findRequest(sentence: Sentence, tools: ReadonlyMap<string, ToolPhrases>): Intent | undefined {
  for (const { tool, phrases, slots } of tools.values()) {
    for (const phrase of phrases) {
      const values = matchPhrase(sentence, phrase);
      if (values === undefined) continue;
      const args = Array.from(values, ([slot, value]): [string, Json] => [
        slot,
        toJson(value, slots.get(slot) ?? 'text'),
      ]);
      return { kind: 'request', tool, args: Object.fromEntries(args) };
    }
  }
  return undefined;
}

/** What is not of the slot's type stays text: the tool's schema then says what is wrong with it. */
function toJson(value: string, type: SlotType): Json {
  if (type === 'number' && /^-?\d{1,15}(?:\.\d+)?$/.test(value)) return Number(value);
  if (type === 'boolean' && /^(?:yes|true|on)$/i.test(value)) return true;
  if (type === 'boolean' && /^(?:no|false|off)$/i.test(value)) return false;
  return value;
}

/** Drops what is only politeness beside something else. A message without any words is a question too. */
function settle(found: readonly Intent[], text: string): Intent[] {
  const isTalk = ({ kind }: Intent): boolean => kind === 'greeting' || kind === 'thanks';
  const substance = found.filter((intent) => !isTalk(intent));
  if (substance.length > 0) return substance;
  return found.length > 0
    ? found.slice(0, 1)
    : [{ kind: 'question', text: text.trim().slice(0, longestText) }];
}
