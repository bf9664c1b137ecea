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
