import { describe, expect, test } from 'vitest';
import type { LiveEvent } from '../../../api/live.ts';
import { sampleTurn } from './sample-turn.ts';
import { type Turn, tellTurns } from './tell-turns.ts';

const session = '!room:example.org:main:@ann:example.org';
let count = 0;

type Shape<E> = E extends LiveEvent ? Omit<E, 'id' | 'session' | 'at'> & { at?: string } : never;

function seen(event: Shape<LiveEvent>): LiveEvent {
  count += 1;
  const at = new Date(Date.parse('2026-11-21T10:00:00Z') + count * 1_000).toISOString();
  return { id: `${count}-0,0-0,0-0`, session, at, ...event };
}

function record(turn: string, over: Partial<Turn> = {}): Turn {
  const startedAt = sampleTurn.appendedAt;
  return { ...sampleTurn, turn, session, startedAt, tookMs: 12, outcome: 'replied', ...over };
}

describe('a story', () => {
  test('tells turns in the order in which they began, each with what was said and its account', () => {
    const events = [
      seen({ event: 'message', turn: '$1', sender: '@ann:example.org', text: 'hello' }),
      seen({ event: 'message', turn: '$2', sender: '@ann:example.org', text: 'and?' }),
      seen({ event: 'reply', turn: '$1', reply: 'r1', text: 'Hello Ann' }),
    ];

    const story = tellTurns(events, [record('$1')]);

    expect(story.map(({ turn, isOpen, record: own }) => [turn, isOpen, own?.tookMs])).toEqual([
      ['$1', false, 12],
      ['$2', true, undefined],
    ]);
    expect(story[0]?.items.map(({ kind }) => kind)).toEqual(['message', 'reply']);
  });

  test('begins with turns of which only the account is left', () => {
    const events = [seen({ event: 'message', turn: '$9', sender: '@ann:example.org', text: 'now' })];

    const story = tellTurns(events, [record('$1', { appendedAt: '2026-11-20T10:00:00.000Z' })]);

    expect(story.map(({ turn }) => turn)).toEqual(['$1', '$9']);
    expect(story[0]).toMatchObject({ at: '2026-11-20T10:00:00.000Z', items: [], isOpen: false });
  });

  test('shows drafts and the reply that they become as one growing text', () => {
    const draft = (revision: number, text: string) =>
      seen({ event: 'draft', turn: '$1', reply: 'r1', text, revision });
    const second = draft(2, 'Hello Ann');

    expect(tellTurns([draft(1, 'Hello'), second], [])[0]?.items).toMatchObject([
      { kind: 'reply', text: 'Hello Ann', isFinal: false },
    ]);
    const final = seen({ event: 'reply', turn: '$1', reply: 'r1', text: 'Hello Ann.' });
    expect(tellTurns([second, final, draft(3, 'Hello A')], [])[0]?.items).toMatchObject([
      { kind: 'reply', text: 'Hello Ann.', isFinal: true },
    ]);
  });

  test('keeps the newest draft where they come out of order', () => {
    const newer = seen({ event: 'draft', turn: '$1', reply: 'r1', text: 'all of it', revision: 5 });
    const older = seen({ event: 'draft', turn: '$1', reply: 'r1', text: 'all', revision: 4 });

    expect(tellTurns([newer, older], [])[0]?.items).toMatchObject([{ text: 'all of it', revision: 5 }]);
  });

  test('tells what is seen twice once, also under another cursor', () => {
    const message = seen({ event: 'message', turn: '$1', sender: '@ann:example.org', text: 'hello' });
    const failed = seen({ event: 'failed', turn: '$1', reason: 'broken', text: 'Sorry.' });

    const story = tellTurns(
      [message, failed, { ...message, id: '9-9,9-9,9-9' }, { ...failed, id: '8-8,8-8,8-8' }],
      [],
    );

    expect(story[0]?.items).toHaveLength(2);
    expect(story[0]?.isOpen).toBe(false);
  });

  test('drops a typing notice when something comes after it, and keeps words', () => {
    const typing = seen({ event: 'status', turn: '$1', state: 'typing', text: '', approval: null });
    const waits = seen({
      event: 'status',
      turn: '$1',
      state: 'waiting',
      text: 'A reviewer was asked.',
      approval: 'A',
    });
    const idle = seen({ event: 'status', turn: '$1', state: 'idle', text: '', approval: null });

    const reply = seen({ event: 'reply', turn: '$1', reply: 'r1', text: 'Hello' });
    expect(tellTurns([typing, reply], [])[0]?.items.map(({ kind }) => kind)).toEqual(['reply']);
    expect(tellTurns([typing], [record('$1')])[0]?.items).toEqual([]);
    expect(tellTurns([typing], [])[0]?.items).toMatchObject([{ kind: 'status', state: 'typing' }]);
    expect(tellTurns([typing, waits, idle], [])[0]?.items).toMatchObject([{ text: 'A reviewer was asked.' }]);
  });

  test('shows an approval as it stands now, where it was asked for', () => {
    const approval = {
      id: '0123456789ABCDEFGHJK',
      session,
      interrupt: 'i',
      thread: 't',
      turn: '$1',
      requester: '@ann:example.org',
      replyTo: null,
      reason: 'risky',
      risk: 'medium' as const,
      actions: [{ name: 'delete_records', args: {}, digest: 'a'.repeat(64) }],
      decisions: ['approve' as const],
      context: '',
      policy: {
        reviewers: [],
        quorum: 1,
        excludeRequester: true,
        minPowerLevel: null,
        reminders: [],
        escalateTo: null,
        onExpiry: 'reject' as const,
      },
      requestedAt: '2026-11-21T10:00:00.000Z',
      expiresAt: '2026-11-22T10:00:00.000Z',
      status: 'pending' as const,
      decided: [],
    };
    const asked = seen({ event: 'approval', turn: '$1', approval });
    const decided = seen({
      event: 'decision',
      turn: '$d',
      approval: approval.id,
      decision: 'approve',
      by: '@rita:example.org',
      via: 'console',
    });
    const resolved = seen({
      event: 'approval_resolved',
      turn: '$d',
      approval: approval.id,
      notice: 'outcome',
      status: 'approved',
      by: ['@rita:example.org'],
      text: 'Approved.',
    });

    const story = tellTurns([asked, decided, resolved], []);

    expect(story[0]?.items).toMatchObject([{ kind: 'approval', approval: { status: 'approved' } }]);
    expect(story[1]?.items.map(({ kind }) => kind)).toEqual(['decision', 'outcome']);
  });
});
