import { expect, test } from 'vitest';
import { causeName, summariseTurn, waitedMs } from './summarise-turn.ts';
import type { Turn } from './tell-turns.ts';

const plain: Turn = {
  turn: '$1',
  session: '!room:example.org:main:@ann:example.org',
  cause: 'message.received',
  entry: '1-0',
  appendedAt: '2026-11-21T10:00:00.000Z',
  startedAt: '2026-11-21T10:00:00.250Z',
  tookMs: 120,
  attempt: 1,
  worker: 'worker-1',
  epoch: 1,
  outcome: 'no_reply',
  trace: null,
  playbook: 'abc',
  graph: 1,
  understood: null,
  route: [],
  state: { flow: null, step: null, awaiting: null, paused: [] },
  steps: [],
  approvals: [],
  cancelled: [],
  usage: [],
  cost: 0,
  replies: [],
};

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
