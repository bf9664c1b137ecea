import { describe, expect, it } from 'vitest';
import type { TurnRecord } from '#contract/turn-record';
import { sampleApproval } from '../../../tests/support/sample-approval.ts';
import type { Evidence } from './gather-evidence.ts';
import { tellLines } from './tell-lines.ts';
import { toMarkdown } from './to-markdown.ts';

const session = '!room:example.org:main:@ann:example.org';
const record: TurnRecord = {
  turn: '$asked',
  session,
  partition: 3,
  cause: 'message.received',
  entry: '1000-0',
  appendedAt: '2026-01-01T10:00:00.000Z',
  startedAt: '2026-01-01T10:00:00.250Z',
  tookMs: 1_500,
  attempt: 1,
  worker: 'w1',
  epoch: 7,
  outcome: 'replied',
  trace: null,
  playbook: '0123456789abcdef',
  graph: 1,
  understood: {
    by: 'gpt-test',
    commands: ['start_flow refund (invoice_id)'],
    topics: ['billing'],
    urgency: 'high',
    tone: 'angry',
    risk: 'none',
    confidence: 0.93,
  },
  route: ['billing'],
  state: { flow: null, step: null, awaiting: null, paused: [] },
  steps: [
    { kind: 'understand', name: 'message', status: 'done', startMs: 0, tookMs: 400 },
    { kind: 'tool', name: 'find_invoice', status: 'failed', startMs: 500, tookMs: 20 },
  ],
  approvals: [],
  cancelled: [],
  usage: [{ model: 'gpt-test', inputTokens: 1_200, outputTokens: 80, cost: 0.00123 }],
  cost: 0.00123,
  replies: ['$asked'],
};

function evidence(turn: TurnRecord | null, more: Partial<Evidence> = {}): Evidence {
  return {
    subject: { event: '$asked', session, partition: 3, turn: '$asked', approval: null },
    turn,
    turns: turn === null ? [] : [turn],
    fate: null,
    approvals: [],
    audit: [],
    postings: new Map(),
    isOverHttp: false,
    gaps: [],
    ...more,
  };
}
const wordsOf = (told: Evidence): string =>
  tellLines(told)
    .map(({ text, details }) => [text, ...details].join('; '))
    .join('\n');

describe('the lines of a story', () => {
  it('tell who waited how long, what was understood by whom, each step, the cost and what was posted', () => {
    const postings = new Map([['$asked', { event: '$reply', at: '2026-01-01T10:00:02.000Z' }]]);
    const words = wordsOf(evidence(record, { postings }));
    expect(words).toContain('A message was received from @ann:example.org (asked about); $asked');
    expect(words).toContain('waited 250 ms in partition 3');
    expect(words).toContain('Worked on for 1.5 s; worker w1, epoch 7');
    expect(words).toContain(
      'Understood as start_flow refund (invoice_id); by gpt-test, 93 % sure; about billing',
    );
    expect(words).toContain('urgency high; tone angry');
    expect(words).toContain('Tool find_invoice failed and changed nothing; took 20 ms');
    expect(words).toContain('1200 tokens in, 80 out: 0.001230; 1 call of gpt-test');
    expect(words).toContain('The reply was posted; $reply');
  });

  it('say what is not there yet: the post, the prompt, the decision', () => {
    expect(wordsOf(evidence(record))).toContain('The reply waits to be posted');
    expect(wordsOf(evidence(record, { isOverHttp: true }))).toContain('over HTTP');
    const approval = sampleApproval({ session, turn: '$asked' });
    const asked = {
      ...record,
      approvals: [{ id: approval.id, actions: ['refund'] }],
      replies: [],
      outcome: 'waiting',
    };
    const words = wordsOf(evidence(asked, { approvals: [approval] }));
    expect(words).toContain('the prompt is not in the admin room yet');
    expect(words).toContain(`Approval ${approval.id.slice(0, 6)} waits for a reviewer; 0 of 1`);
  });

  it('do not say that nothing was run of an approval whose action had been begun', () => {
    const { id } = sampleApproval({ session, turn: '$asked' });
    const withdrawn = { ...record, cancelled: [id] };
    expect(wordsOf(evidence(withdrawn))).toContain('withdrew approval');
    expect(wordsOf(evidence(withdrawn))).toContain('nothing was run');
    const audit = [{ type: 'permit.started', approval: id, action: '0', digest: 'd'.repeat(64) }];
    const words = wordsOf(evidence(withdrawn, { audit }));
    expect(words).toContain('an action had been begun before, and may have run');
    expect(words).not.toContain('nothing was run');
  });

  it('tell of attempts before, without a word for what nobody knows', () => {
    expect(wordsOf(evidence({ ...record, attempt: 3 }))).toContain('2 attempts before it did not end');
    expect(wordsOf(evidence(record))).not.toContain('did not end');
  });

  it.each([
    [{ kind: 'unknown' } as const, 'The ledger does not know this turn'],
    [
      {
        kind: 'waiting',
        entry: '1-0',
        appendedAt: 1,
        type: 'message.received',
        worker: null,
        begun: 0,
      } as const,
      'It waits for a worker',
    ],
    [
      {
        kind: 'waiting',
        entry: '1-0',
        appendedAt: 1,
        type: 'message.received',
        worker: 'w2',
        begun: 2,
      } as const,
      'It is with worker w2; entry 1-0; begun 2 times',
    ],
    [
      { kind: 'done', outcome: 'no_reply', type: 'message.received', appendedAt: null } as const,
      'It ended: no reply',
    ],
  ])('tell what is known of a turn without an account: %j', (fate, says) => {
    expect(wordsOf(evidence(null, { fate }))).toContain(says);
  });

  it('are data as Markdown: nothing in them becomes a link, a mention or a line of its own', () => {
    const hostile = 'x](http://evil) **b** <img src=x> `c`\n# head';
    const text = toMarkdown([{ at: null, kind: 'failed', text: hostile, details: [hostile] }], [hostile]);
    expect(text).not.toMatch(/(?<!\\)[`*<>[\]#]/);
    expect(text.split('\n').filter((line) => line.trimStart().startsWith('#'))).toEqual([]);
  });
});
