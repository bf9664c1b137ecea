import type { Turn } from './tell-turns.ts';

/** A turn that called nobody and said nothing; for tests. */
export const sampleTurn: Turn = {
  turn: '$1',
  session: '!room:example.org:main:@ann:example.org',
  partition: 0,
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
