import { StemmerEn } from '@nlpjs/lang-en';
import { learnConcepts } from './concepts.ts';
import { fullWords } from './full-words.ts';

/** What a classifier sees of a text: names of features with their weights. */
export type Features = ReadonlyMap<string, number>;

export interface FeatureReader {
  features(text: string): Features;
  /** Its words, each reduced to its stem. */
  stems(text: string): string[];
}

/** Longer texts are judged by their beginning; sentences are judged by themselves anyway. */
const mostWords = 60;
const mostStems = 20_000;
/** No word of a language is longer: of what is, little is looked at and remembered. */
const longestWord = 40;
const pieceLength = 4;
const weights = { word: 1, concept: 0.6, pair: 0.7, piece: 0.35, shape: 0.6 };

/**
 * Makes the function that takes a text apart: stems, pairs of them, pieces of words (for typos), and its shape. A word that is
 * not known counts as a name: "for acme" is like "for {name}".
 */
export function createFeatureReader(isKnown: (word: string) => boolean): FeatureReader {
  const stemmer = new StemmerEn();
  const stems = new Map<string, string>();
  const stemOf = (word: string): string => {
    const known = stems.get(word);
    if (known !== undefined) return known;
    // People write what they like: what is remembered is bounded.
    if (stems.size >= mostStems) stems.clear();
    const stem = word.startsWith('{') ? word : stemmer.stemWord(word);
    stems.set(word, stem);
    return stem;
  };
  const concepts = learnConcepts(stemOf);
  const features = (text: string): Features => {
    const found = new Map<string, number>();
    const words = wordsOf(text);
    let before = '^';
    for (const word of words) {
      const stem = isKnown(word) ? stemOf(word) : '{name}';
      found.set(`w ${stem}`, weights.word);
      for (const concept of concepts.get(stemOf(word)) ?? []) found.set(`k ${concept}`, weights.concept);
      found.set(`p ${before} ${stem}`, weights.pair);
      if (!word.startsWith('{')) for (const piece of piecesOf(word)) found.set(`c ${piece}`, weights.piece);
      before = stem;
    }
    found.set(`p ${before} $`, weights.pair);
    for (const shape of shapesOf(text, words)) found.set(`s ${shape}`, weights.shape);
    return found;
  };
  return { features, stems: (text) => wordsOf(text).map(stemOf) };
}

/** Nobody spells a word with three of the same letter in a row: "sooo". */
const drawnOut = /(\p{L})\1{2,}/gu;

/** Words in lower case, with what stands for a value (`{money}`) as a word of its own. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text
    .toLowerCase()
    .matchAll(/\{[a-z_]+\}|[\p{L}\p{N}]+(?:'[\p{L}]+)*|\p{Extended_Pictographic}/gu)) {
    const plain = word.replaceAll("'", '').replaceAll(drawnOut, '$1');
    words.push(plain.startsWith('{') ? plain : plain.slice(0, longestWord));
    if (words.length === mostWords) break;
  }
  return fullWords(words);
}

function piecesOf(word: string): string[] {
  const marked = `<${word.slice(0, 20)}>`;
  const pieces: string[] = [];
  for (let at = 0; at + pieceLength <= marked.length; at++) pieces.push(marked.slice(at, at + pieceLength));
  return pieces;
}

const questionWords = new Set([
  'how',
  'what',
  'where',
  'when',
  'who',
  'which',
  'why',
  'whats',
  'wheres',
  'hows',
]);
const helpers = new Set([
  'can',
  'could',
  'would',
  'will',
  'do',
  'does',
  'did',
  'is',
  'are',
  'may',
  'should',
  'has',
  'have',
]);

function shapesOf(text: string, words: readonly string[]): string[] {
  const shapes = [
    words.length <= 1 ? 'one' : words.length <= 3 ? 'few' : words.length <= 8 ? 'some' : 'many',
  ];
  if (/\?\s*$/u.test(text)) shapes.push('asks');
  const [first = ''] = words;
  if (questionWords.has(first)) shapes.push('question word');
  if (helpers.has(first)) shapes.push('helper');
  return shapes;
}
