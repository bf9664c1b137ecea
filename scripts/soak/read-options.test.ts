import { describe, expect, it } from 'vitest';
import { readOptions } from './read-options.ts';

describe('readOptions', () => {
  it('reads what is given and fills in the rest', () => {
    expect(readOptions(['--minutes', '0.5', '--seed', '7', '--mode', 'appservice'])).toEqual({
      minutes: 0.5,
      seed: 7,
      users: 8,
      everySeconds: 1.5,
      mode: 'appservice',
      restSeconds: 120,
    });
  });

  it('takes a seed of its own where none is given', () => {
    expect(readOptions([]).seed).toBeGreaterThan(0);
  });

  it.each([
    ['--minutes', 'long'],
    ['--users', '0'],
    ['--mode', 'push'],
    ['--minuets', '3'],
  ])('refuses %s %s, naming it', (name, value) => {
    expect(() => readOptions([name, value])).toThrow(TypeError);
    expect(() => readOptions([name, value])).toThrow(name);
  });
});
