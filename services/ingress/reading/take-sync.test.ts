import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { RoomEvent } from '#matrix/room-event';
import type { SyncAnswer } from '#matrix/sync';
import { createMetrics } from '#runtime/create-metrics';
import { createIngressMetrics } from '../ingress-metrics.ts';
import type { DeadInput } from '../publishing/write-dead-letter.ts';
import { createTakeSync } from './take-sync.ts';

const userId = '@bot:localhost';
const room = '!r:localhost';
const { signal } = new AbortController();

const message = (id: string) => ({
  event_id: `$${id}`,
  sender: '@a:localhost',
  type: 'm.room.message',
  content: { msgtype: 'm.text', body: id },
});
const invite = (inviter: string, encryption: object[] = []) => [
  ...encryption,
  { type: 'm.room.member', state_key: userId, sender: inviter, content: { membership: 'invite' } },
];

/** Takes `parts` of an answer, with a homeserver whose past is `past`, newest first and one to a page. */
async function take(parts: Partial<SyncAnswer>, past: object[] = [], since: string | null = 's1') {
  const taken: RoomEvent[] = [];
  const letters: DeadInput[] = [];
  const joined: string[] = [];
  const declined: string[] = [];
  const expected: string[] = [];
  const takeSync = createTakeSync({
    request: async (_method, _path, options) => {
      const at = Number(options?.query?.['from']);
      return { chunk: past.slice(at, at + 1), ...(at < past.length ? { end: String(at + 1) } : {}) };
    },
    userId,
    filter: '{}',
    maxEvents: 2,
    takeEvents: async (events) => void taken.push(...events),
    views: { forget: () => undefined },
    joins: { add: async (id) => void joined.push(id) },
    upgrades: { invited: async (id) => void expected.push(id) },
    moves: { lineOf: async (id) => [id] },
    openJudgeInvite:
      async () =>
      async ({ room: id, inviter }) => {
        if (id === '!next:localhost') return 'upgrade';
        return id === room && inviter === '@a:localhost' ? 'join' : 'refused';
      },
    declineEncrypted: async (id) => void declined.push(id),
    writeDeadLetter: async (letter) => void letters.push(letter),
    policy: {
      adminRoom: '!admin:localhost',
      allowedRooms: [room],
      openRooms: [],
      reviewers: [],
      allowedInviters: ['@a:localhost'],
    },
    metrics: createIngressMetrics(createMetrics({ service: 'ingress' })),
    log: pino({ level: 'silent' }),
  });
  const nothing = { nextBatch: 's2', joined: [], invited: [], left: [], malformed: [] };
  await takeSync({ ...nothing, ...parts }, since ?? undefined, signal);
  const ids = taken.map((event) => (event.kind === 'unreadable' ? '?' : event.eventId));
  return { ids, letters, joined, declined, expected };
}

describe('createTakeSync', () => {
  it('takes what a gap left out before what is shown', async () => {
    const shown = { room, events: [message('3')], gapFrom: '0' };
    const { ids, letters } = await take({ joined: [shown] }, [message('2')]);
    expect([ids, letters]).toEqual([['$2', '$3'], []]);
  });

  it('keeps a dead letter for a gap that is too long, and takes the newest of it', async () => {
    const past = ['4', '3', '2', '1'].map(message);
    const shown = { room, events: [message('5')], gapFrom: '0' };
    const { ids, letters } = await take({ joined: [shown] }, past);
    expect(ids).toEqual(['$3', '$4', '$5']);
    expect(letters).toMatchObject([
      { room, eventId: null, raw: { room, from: '0', to: 's1' }, reason: expect.stringContaining('missing') },
    ]);
  });

  it('takes no event of the first answer of all', async () => {
    const shown = { room, events: [message('1')], gapFrom: '0' };
    expect((await take({ joined: [shown] }, [message('0')], null)).ids).toEqual([]);
  });

  it('does not look at rooms that are not allowed', async () => {
    const { ids, letters } = await take({
      joined: [{ room: '!other:localhost', events: [1], gapFrom: '0' }],
    });
    expect([ids, letters]).toEqual([[], []]);
  });

  it.each([
    ['an allowed person to an allowed room', room, invite('@a:localhost'), { joined: [room], declined: [] }],
    [
      'a stranger to where a room was upgraded to',
      '!next:localhost',
      invite('@x:localhost'),
      { joined: [], expected: ['!next:localhost'] },
    ],
    ['a stranger', room, invite('@x:localhost'), { joined: [], declined: [] }],
    [
      'an allowed person to another room',
      '!other:localhost',
      invite('@a:localhost'),
      { joined: [], declined: [] },
    ],
    ['nobody, as its state does not say', room, ['junk', {}], { joined: [], declined: [] }],
    [
      'an allowed person to an encrypted room',
      room,
      invite('@a:localhost', [
        { type: 'm.room.encryption', state_key: '', sender: '@a:localhost', content: {} },
      ]),
      { joined: [], declined: [room] },
    ],
  ])('is invited by %s', async (_, invitedTo, state, expected) => {
    expect(await take({ invited: [{ room: invitedTo, state }] })).toMatchObject(expected);
  });

  it('takes of a room that it was put out of how it came out, and nothing else', async () => {
    const member = (id: string, membership: string, previous: string) => ({
      ...{ event_id: `$${id}`, sender: '@a:localhost', type: 'm.room.member', state_key: userId },
      content: { membership },
      unsigned: { prev_content: { membership: previous } },
    });
    const kicked = [message('1'), member('kick', 'leave', 'join')];
    const retracted = [member('retracted', 'leave', 'invite')];
    const left = [
      { room, events: kicked },
      { room: '!other:localhost', events: retracted },
    ];
    expect((await take({ left })).ids).toEqual(['$kick']);
    const back = [message('1'), member('kick', 'ban', 'join'), member('join', 'join', 'ban'), message('2')];
    expect((await take({ joined: [{ room, events: back, gapFrom: null }] })).ids).toEqual([
      '$kick',
      '$join',
      '$2',
    ]);
  });

  it('keeps parts of an answer that nobody can read', async () => {
    const { letters } = await take({ malformed: [{ room, raw: { timeline: 5 }, reason: 'no object' }] });
    expect(letters).toMatchObject([{ room, raw: { timeline: 5 } }]);
  });
});
