import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Overview } from '#operations/overview/read-overview';
import { sampleApproval } from '../../tests/support/sample-approval.ts';
import { paintAnsi, paintNothing } from '../cli/paint.ts';
import { textWidth } from '../cli/text-width.ts';
import { renderPlain, renderTop, type TopView } from './render-top.ts';

const at = Date.parse('2026-01-01T10:00:00.000Z');

function overview(more: Partial<Overview> = {}): Overview {
  const member = (name: string, from: number) => ({
    member: name,
    slot: name,
    group: 'graph' as const,
    lastSeenAt: new Date(at - 500).toISOString(),
    partitions: Array.from({ length: 16 }, (_, index) => from + index * 2),
  });
  const stream = (partition: number, lag: number, pending: number) => ({
    partition,
    stream: 'inbound' as const,
    state: 'ok' as const,
    length: 10,
    group: { name: 'graph' as const, pending, lag, oldestAt: at - partition * 1_000 },
  });
  const approval = sampleApproval({ expiresAt: new Date(at + 3_723_000).toISOString() });
  const session = (number: number) => ({
    session: `!room${number}:example.org:main:@ann${number}:example.org`,
    partition: number,
    lastTurnAt: new Date(at - number * 1_000).toISOString(),
    turns: number,
    lastFact: '$fact',
    conversation_state: 'in_flow',
    flow: 'refund',
    step: 'ask',
    awaiting: 'amount',
    paused: [],
    parked: [],
    topics: [],
  });
  return {
    at,
    streams: [stream(1, 0, 1), stream(2, 50, 3), stream(9, 5, 0)],
    members: [member('worker-1-77-abcd', 0), member('worker-2-78-abcd', 1)],
    approvals: [approval],
    sessions: Array.from({ length: 40 }, (_, index) => session(index + 1)),
    finished: 1_000,
    speed: { turns: 10, p50: 41, p99: 180, cost: 0 },
    ...more,
  };
}

const view = (more: Partial<TopView> = {}): TopView => ({
  overview: overview(),
  before: overview({ at: at - 2_000, finished: 975 }),
  place: '127.0.0.1:6379',
  sort: 'lag',
  isPaused: false,
  trouble: undefined,
  ...more,
});

describe('vagent top', () => {
  it.each([
    [80, 24],
    [120, 50],
    [60, 12],
    [40, 8],
  ])('fills %d columns and %d rows, and no more', (columns, rows) => {
    const lines = renderTop(view(), columns, rows, paintAnsi);
    expect(lines).toHaveLength(rows);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  });

  it('shows every section on 80x24, and says how much it does not show', () => {
    const text = renderTop(view(), 80, 24, paintNothing).join('\n');
    expect(text).toContain('turns/s 12.5   latency 41 ms p50, 180 ms p99   oldest 9 s');
    expect(text).toContain('lag 55   pending 4   approvals 1   dead 0   workers 2');
    expect(text).toContain('worker-2-78-abcd');
    expect(text).toContain('01:02:03');
    expect(text).toMatch(/conversations, newest first \(40, \d+ more\)/);
    expect(text).toContain('refund asks amount');
  });

  it.each([
    ['lag', ['2', '9', '1']],
    ['oldest', ['9', '2', '1']],
    ['partition', ['1', '2', '9']],
  ] as const)('sorts the partitions by %s', (sort, expected) => {
    const text = renderPlain({ overview: overview(), before: undefined, sort });
    const rows = [...text.matchAll(/^ *(\d+) {2}inbound/gm)].map(([, partition]) => partition);
    expect(rows).toEqual(expected);
  });

  it('says when it is paused, and when Redis gives no answer', () => {
    expect(renderTop(view({ isPaused: true }), 80, 24, paintNothing)[0]).toContain('paused');
    const lines = renderTop(view({ trouble: 'Redis: no answer in 3 s; trying again' }), 80, 24, paintNothing);
    expect(lines[0]).toContain('no answer');
    expect(lines.at(-1)).toContain('trying again');
  });

  it('shows what strangers are called without letting it steer the terminal', () => {
    const [first] = overview().sessions;
    if (first === undefined) throw new Error('no session');
    const hostile = { ...first, session: '\u001b[2Jevil\u202e' };
    const text = renderTop(view({ overview: overview({ sessions: [hostile] }) }), 120, 40, paintNothing).join(
      '\n',
    );
    expect(stripVTControlCharacters(text)).toBe(text);
    expect(text).not.toContain('\u202e');
  });

  it('says so where nothing is there at all', () => {
    const empty = overview({ streams: [], members: [], approvals: [], sessions: [] });
    const text = renderPlain({ overview: empty, before: undefined, sort: 'lag' });
    expect(text).toContain('Nobody works');
    expect(text).toContain('Nothing waits for a human');
  });
});
