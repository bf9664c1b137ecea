import { describe, expect, it } from 'vitest';
import { createFeatureReader } from './features-of.ts';

const { stems, features } = createFeatureReader(() => true);

describe('createFeatureReader', () => {
  it('reads the beginning of what is longer than any word, and names of values whole', () => {
    const name = `{${'slot_name_'.repeat(6)}}`;
    const [word = '', value] = stems(`${'abcdefghij'.repeat(400)} ${name}`);
    expect(word.length).toBeLessThanOrEqual(40);
    expect(value).toBe(name);
  });

  it('looks at the first words of a text', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => `word${index}`).join(' ');
    expect(stems(many)).toHaveLength(60);
    expect(features(many).size).toBeLessThan(1_000);
  });
});
