import { describe, expect, it } from 'vitest';
import { firstSituation } from '#agents/conversation/situation';
import type { DialogueTurn, Expectations } from '#playbook/schemas/dialogue-file';
import { compareTurn } from './compare-turn.ts';
import { type Heard, nothingHeard } from './heard.ts';

const turnOf = (expected: Expectations): DialogueTurn => ({ user: 'a', expect: expected });

const heard: Heard = {
  ...nothingHeard(),
  texts: ['How much shall\nbe refunded?'],
  ran: ['find_invoice'],
  notices: ['3 people of acme report trouble'],
  waits: ['send_reply'],
  situation: {
    ...firstSituation,
    dialogue: {
      parked: [],
      stack: ['reset_2fa', 'refund'].map((flow) => ({
        id: flow,
        flow,
        step: 'collect',
        slots: {},
        results: {},
        awaiting: { kind: 'slot', slot: 'amount', asked: 1 },
        linkedBy: null,
        trail: [],
        visits: {},
      })),
    },
  },
};

describe('compareTurn', () => {
  it.each<[string, Expectations]>([
    ['a part of the text, whatever its case and line breaks', { says: ['HOW MUCH shall be'] }],
    ['a regular expression', { says: ['/how much.*refunded/s'] }],
    ['a path, which is none', { never: ['/account/settings', '/etc/hosts'] }],
    ['what is not said', { never: ['done', '/approved/'] }],
    ['that something is said', { silent: false }],
    ['tools that ran, among others', { ran: ['find_invoice'], neverRan: ['refund_invoice'] }],
    ['what waits', { waits: ['send_reply'] }],
    ['the stack, and what is paused in it', { stack: ['reset_2fa', 'refund'], paused: ['reset_2fa'] }],
    ['what is asked for', { awaiting: { flow: 'refund', slot: 'amount' } }],
    ['notices', { notices: ['3 people'] }],
  ])('accepts %s', (_, expected) => {
    expect(compareTurn(turnOf(expected), heard)).toEqual([]);
  });

  it.each<[keyof Expectations, Expectations, string]>([
    ['says', { says: ['approved'] }, 'How much'],
    ['never', { never: ['refunded'] }, 'How much'],
    ['silent', { silent: true }, 'How much'],
    ['ran', { ran: ['refund_invoice'] }, 'find_invoice'],
    ['neverRan', { neverRan: ['find_invoice'] }, 'it ran'],
    ['waits', { waits: [] }, 'send_reply'],
    ['stack', { stack: ['refund'] }, 'reset_2fa, refund'],
    ['paused', { paused: [] }, 'reset_2fa'],
    ['awaiting', { awaiting: null }, 'refund.amount'],
    ['notices', { notices: ['rolled back'] }, '3 people'],
  ])('tells what happened instead of "%s"', (about, expected, instead) => {
    expect(compareTurn(turnOf(expected), heard)).toEqual([
      { about, expected: expect.any(String), instead: expect.stringContaining(instead) },
    ]);
  });

  it('compares how a message was understood by kind, flow, topics and risk', () => {
    const understood: Heard = {
      ...heard,
      understood: {
        commands: [{ kind: 'start_flow', flow: 'refund', slots: { amount: '1' } }],
        confidence: 1,
        analysis: {
          topics: ['billing'],
          urgency: 'normal',
          tone: 'neutral',
          sensitivity: { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] },
        },
      },
    };
    const right: DialogueTurn = {
      ...turnOf({}),
      understood: [{ command: 'start_flow', flow: 'refund' }],
      analysis: { topics: ['billing'], risk: 'none' },
    };
    expect(compareTurn(right, understood)).toEqual([]);
    const wrong: DialogueTurn = {
      ...right,
      understood: [{ command: 'cancel' }],
      analysis: { topics: ['ci_workers'] },
    };
    expect(compareTurn(wrong, understood).map(({ instead }) => instead)).toEqual([
      'start_flow refund',
      'billing',
    ]);
  });
});
