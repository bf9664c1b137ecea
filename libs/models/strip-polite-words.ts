import type { Sentence } from './match-phrase.ts';

export interface PoliteWords {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** How Matrix clients write a mention of the bot: "@desk:example.org: …". */
const mention = /^@[^\s:]+(?::[^\s,]+?)?[:,]? +/;

/** Takes a mention and polite words off the ends of a sentence: "hi, could you please … thanks". Something remains. */
export function stripPoliteWords(sentence: Sentence, { before, after }: PoliteWords): Sentence {
  const mentioned = mention.exec(sentence.compared)?.[0].length ?? 0;
  let rest = cut(sentence, mentioned, 0);
  for (let length = opening(rest.compared, before); length > 0; length = opening(rest.compared, before)) {
    rest = cut(rest, length, 0);
  }
  for (let length = closing(rest.compared, after); length > 0; length = closing(rest.compared, after)) {
    rest = cut(rest, 0, length);
  }
  return rest;
}

function cut({ compared, written }: Sentence, start: number, end: number): Sentence {
  const stop = compared.length - end;
  return { compared: compared.slice(start, stop), written: written.slice(start, stop) };
}

/** Length of the longest polite word that the text opens with, with what separates it from the next word. */
function opening(text: string, words: readonly string[]): number {
  const lengths = words
    .filter((word) => text.startsWith(word))
    .flatMap((word) => {
      const gap = /^[\s,:;.!-]+/.exec(text.slice(word.length))?.[0].length ?? 0;
      return gap > 0 ? [word.length + gap] : [];
    });
  return Math.max(0, ...lengths);
}

function closing(text: string, words: readonly string[]): number {
  const lengths = words
    .filter((word) => text.endsWith(word))
    .flatMap((word) => {
      const rest = text.slice(0, text.length - word.length);
      const kept = rest.replace(/[\s,;-]+$/, '');
      return kept !== '' && kept.length < rest.length ? [text.length - kept.length] : [];
    });
  return Math.max(0, ...lengths);
}
