import { describe, expect, it } from 'vitest';
import { createFeatureRows } from './feature-rows.ts';
import { createFeatureReader } from './features-of.ts';
import { trainClassifier } from './train-classifier.ts';

const texts = {
  refund: ['I want a refund', 'refund please', 'give me my money back', 'please refund the invoice'],
  greeting: ['hello', 'good morning', 'hi there', 'hello everybody'],
};
const known = new Set(Object.values(texts).flatMap((list) => list.join(' ').toLowerCase().split(' ')));
const { features: read } = createFeatureReader((word) => known.has(word));
const rows = createFeatureRows();
const examples = Object.entries(texts).flatMap(([label, list]) =>
  list.map((text) => ({ label, features: rows.learn(read(text)) })),
);
const features = (text: string) => rows.read(read(text));

describe('trainClassifier', () => {
  it('tells what it has learnt, also in other words and with a typo', () => {
    const classify = trainClassifier(examples);
    for (const text of ['a refund of the money please', 'refnud the invoice', 'I want my money']) {
      expect(classify(features(text))['refund']).toBeGreaterThan(0.7);
    }
    expect(classify(features('good morning everybody'))['greeting']).toBeGreaterThan(0.7);
  });

  it('gives likelihoods that add up to 1, also for a text of which it knows nothing', () => {
    const scores = Object.values(trainClassifier(examples)(features('zzz qqq')));
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
  });

  it('learns the same from the same examples', () => {
    const text = features('money for the morning');
    expect(trainClassifier(examples)(text)).toEqual(trainClassifier(examples)(text));
  });

  it('has nothing to say where there is nothing to learn from', () => {
    expect(trainClassifier([])(features('hello'))).toEqual({});
  });
});
