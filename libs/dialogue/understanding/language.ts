import type { Validator } from '#dialogue/flows/validator';
import type { FlowSpec } from '#playbook/flow-spec';
import { createFeatureRows, type FeatureRow } from './feature-rows.ts';
import { createFeatureReader, wordsOf } from './features-of.ts';
import { learnPlaces, type SlotPlaces } from './find-slot-values.ts';
import { createMask } from './mask-values.ts';
import { type Classify, trainClassifier } from './train-classifier.ts';
import { type Act, actExamples, type Labelled, type Trainable, toExample } from './training-set.ts';

/** What is learnt from a playbook's examples: how its people speak. */
export interface Language {
  readonly flows: ReadonlyMap<string, FlowSpec>;
  /** How likely each act is for a text. */
  acts(text: string): Readonly<Record<Act, number>>;
  /** Where values of the flow's slots stand; empty for an unknown flow. */
  placesOf(flow: string): readonly SlotPlaces[];
  /** Whether the playbook's examples use the word themselves, so that it is hardly anybody's name. */
  isKnownWord(word: string): boolean;
  /** Its words, each reduced to its stem. */
  stems(text: string): string[];
  /** How much of a text is made of known words, from 0 to 1. */
  familiarity(text: string): number;
  /** The value that an answer in other words stands for ("I lost it" is yes), with its likelihood. */
  meaning(
    flow: string,
    slot: string,
    text: string,
  ): { readonly value: string; readonly likelihood: number } | undefined;
  /** Trains a classifier of another kind on the same view of texts. */
  train<Label extends string>(
    examples: readonly Labelled<Label>[],
  ): (text: string) => Readonly<Record<Label, number>>;
  /** Lets go of what only training needs, when everything is learnt: most of the memory of it. */
  forgetExamples(): void;
}

export function learnLanguage(playbook: Trainable, validators: ReadonlyMap<string, Validator>): Language {
  const mask = createMask(playbook, validators);
  const examples = actExamples(playbook, mask);
  const vocabulary = new Set(examples.flatMap(({ text }) => wordsOf(text)));
  const { features: read, stems } = createFeatureReader((word) => vocabulary.has(word));
  const rows = createFeatureRows();
  const seen = new Map<string, FeatureRow>();
  const readExample = (text: string): FeatureRow => {
    const features = seen.get(text) ?? rows.learn(read(mask.values(text)));
    seen.set(text, features);
    return features;
  };
  const train = <Label extends string>(
    labelled: readonly Labelled<Label>[],
  ): ((text: string) => Readonly<Record<Label, number>>) => {
    const classify: Classify<Label> = trainClassifier(
      labelled.map(({ text, label }) => ({ label, features: readExample(text) })),
    );
    return (text) => classify(rows.read(read(mask.values(text))));
  };
  const places = new Map(
    [...playbook.flows.values()].map((flow) => [flow.id, learnPlaces(flow, validators)]),
  );
  const meanings = learnMeanings(playbook, train);
  return {
    flows: playbook.flows,
    acts: train(examples),
    placesOf: (flow) => places.get(flow) ?? [],
    stems,
    isKnownWord: (word) => vocabulary.has(word.toLowerCase()),
    familiarity: (text) => {
      const words = wordsOf(mask.values(text));
      return words.length === 0 ? 0 : words.filter((word) => vocabulary.has(word)).length / words.length;
    },
    meaning: (flow, slot, text) => meanings.get(`${flow} ${slot}`)?.(text),
    train,
    forgetExamples: () => seen.clear(),
  };
}

type Meaning = (text: string) => { readonly value: string; readonly likelihood: number } | undefined;

/** One small classifier for each slot whose examples say which value they stand for. */
function learnMeanings(
  { flows, talk }: Trainable,
  train: <Label extends string>(
    examples: readonly Labelled<Label>[],
  ) => (text: string) => Readonly<Record<Label, number>>,
): Map<string, Meaning> {
  const meanings = new Map<string, Meaning>();
  for (const flow of flows.values()) {
    for (const slot of flow.slots.values()) {
      const own = slot.examples
        .map(toExample)
        .flatMap(({ text, value }) => (value === undefined ? [] : [{ text, label: value }]));
      if (own.length === 0) continue;
      const plain = [
        ...talk.affirm.map((text) => ({ text, label: 'yes' })),
        ...talk.deny.map((text) => ({ text, label: 'no' })),
      ];
      const classify = train([...own, ...(own.some(({ label }) => label === 'yes') ? plain : [])]);
      meanings.set(`${flow.id} ${slot.name}`, (text) => {
        const [best] = Object.entries(classify(text)).sort(([, one], [, other]) => other - one);
        return best && { value: best[0], likelihood: best[1] };
      });
    }
  }
  return meanings;
}
