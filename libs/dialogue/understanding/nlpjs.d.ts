/** The part of nlp.js that is used here; the package brings no types of its own. */
declare module '@nlpjs/lang-en' {
  export class StemmerEn {
    /** The stem of one word in lower case. */
    stemWord(word: string): string;
  }
}
