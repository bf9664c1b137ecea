import { expect, test } from 'vitest';
import { filterChoices, filterSessions, type Session } from './filter-sessions.ts';

function sample(user: string, over: Partial<Session> = {}): Session {
  return {
    session: `!room:example.org:main:@${user}:example.org`,
    room: '!room:example.org',
    thread: null,
    user: `@${user}:example.org`,
    partition: 0,
    lastTurnAt: '2026-11-21T10:00:00.000Z',
    turns: 1,
    conversation_state: 'idle',
    flow: null,
    step: null,
    awaiting: null,
    paused: [],
    parked: [],
    topics: [],
    ...over,
  };
}

const ann = sample('ann', { conversation_state: 'collecting', flow: 'refund', awaiting: 'invoice_id' });
const ben = sample('ben', {
  lastTurnAt: '2026-11-21T11:00:00.000Z',
  paused: ['refund'],
  topics: ['billing'],
});
const all = { text: '', state: '', flow: '' };

test('the conversation with the newest turn comes first', () => {
  expect(filterSessions([ann, ben], all)).toEqual([ben, ann]);
});

test('every word of the text must fit, wherever the list shows it', () => {
  expect(filterSessions([ann, ben], { ...all, text: 'BILLING ben' })).toEqual([ben]);
  expect(filterSessions([ann, ben], { ...all, text: 'invoice' })).toEqual([ann]);
  expect(filterSessions([ann, ben], { ...all, text: 'ben invoice' })).toEqual([]);
});

test('a flow is found also where it is paused, a state only as it is', () => {
  expect(filterSessions([ann, ben], { ...all, flow: 'refund' })).toEqual([ben, ann]);
  expect(filterSessions([ann, ben], { ...all, state: 'collecting' })).toEqual([ann]);
});

test('what can be chosen is what there is', () => {
  expect(filterChoices([ann, ben])).toEqual({ states: ['collecting', 'idle'], flows: ['refund'] });
});
