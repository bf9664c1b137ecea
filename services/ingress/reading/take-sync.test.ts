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

/**
 * Takes `parts` of an answer, with a homeserver whose past is `past`, newest first and one to a page; the first so many
 * times its events cannot be taken.
 */
async function take(
  parts: Partial<SyncAnswer>,
  past: object[] = [],
  since: string | null = 's1',
  failures = 0,
) {
  const taken: RoomEvent[] = [];
  const letters: DeadInput[] = [];
  const joined: string[] = [];
  const declined: string[] = [];
  const expected: string[] = [];
  let tries = 0;
  const takeSync = createTakeSync({
    request: async (_method, _path, options) => {
      const at = Number(options?.query?.['from']);
      return { chunk: past.slice(at, at + 1), ...(at < past.length ? { end: String(at + 1) } : {}) };
    },
    userId,
    filter: '{}',
    maxEvents: 2,
    takeEvents: async (events) => {
      tries += 1;
      if (tries <= failures) throw new Error('not now');
      taken.push(...events);
    },
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
  const answer = { ...nothing, ...parts };
  for (let failed = 0; failed < failures; failed += 1)
    await expect(takeSync(answer, since ?? undefined, signal)).rejects.toThrow('not now');
  await takeSync(answer, since ?? undefined, signal);
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

  it('reads nothing back where the bot came in with the first event that is shown', async () => {
    const join = {
      ...{ event_id: '$join', sender: userId, type: 'm.room.member', state_key: userId },
      content: { membership: 'join' },
      unsigned: { prev_content: { membership: 'invite' } },
    };
    const past = ['3', '2', '1'].map(message);
    const { ids, letters } = await take(
      { joined: [{ room, events: [join, message('4')], gapFrom: '0' }] },
      past,
    );
    expect([ids, letters]).toEqual([['$join', '$4'], []]);
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

  it('judges an invite once, however often the rest of its answer has to be taken again', async () => {
    const invited = [{ room, state: invite('@a:localhost') }];
    const shown = { room, events: [message('1')], gapFrom: null };
    const { ids, joined } = await take({ invited, joined: [shown] }, [], 's1', 3);
    expect([ids, joined]).toEqual([['$1'], [room]]);
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
