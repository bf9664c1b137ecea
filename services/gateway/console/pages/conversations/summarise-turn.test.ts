import { expect, test } from 'vitest';
import { sampleTurn } from './sample-turn.ts';
import { causeName, summariseTurn, waitedMs } from './summarise-turn.ts';

const plain = sampleTurn;

test('a turn that called nobody is told by its outcome', () => {
  expect(summariseTurn(plain)).toEqual(['no reply', '0 steps', '120 ms']);
});

test('a turn that was tried again and asked a model tells that too', () => {
  const usage = [{ model: 'm', inputTokens: 1_000, outputTokens: 200, cost: 0.002 }];

  expect(summariseTurn({ ...plain, route: ['billing', 'ci'], attempt: 2, usage, cost: 0.002 })).toEqual([
    'billing + ci',
    '0 steps',
    '120 ms',
    'attempt 2',
    '1,200 tokens',
    'cost 0.002',
  ]);
});

test('the time in the stream is not the time of the turn', () => {
  expect(waitedMs(plain)).toBe(250);
});

test('causes have names, also those of a later version', () => {
  expect(causeName('approval.decided')).toBe('decision');
  expect(causeName('moon.rose')).toBe('moon.rose');
});
