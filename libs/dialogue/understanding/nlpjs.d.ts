/** The parts of nlp.js that are used here; the packages bring no types of their own. */
declare module '@nlpjs/lang-en' {
  export class StemmerEn {
    /** The stem of one word in lower case. */
    stemWord(word: string): string;
  }
}

declare module '@nlpjs/nlu' {
  type Features = Record<string, number>;
  export class NluNeural {
    constructor(settings: { readonly locale: string });
    /** Trains on features that are ready, without preparing any text. */
    innerTrain(input: {
      readonly corpus: { input: Features; output: Features }[];
      readonly settings: Readonly<Record<string, number | boolean>>;
    }): Promise<unknown>;
    readonly neuralNetwork: { run(features: Features): Features };
  }
}
