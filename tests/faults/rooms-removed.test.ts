import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { formatSessionId } from '#contract/session-id';
import { IngressWorld } from '../integration/ingress-world.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixUser } from '../support/matrix-user.ts';

const partitions = 4;
let world: IngressWorld;

beforeAll(async () => {
  world = await IngressWorld.start(inject('redisUrl'));
  await (await world.ingress()).ready();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A session that had a turn, as the worker notes it. */
async function talkIn(room: string, user: MatrixUser, thread: string | null = null): Promise<string> {
  const session = formatSessionId({ room, thread, user: user.userId });
  await world.redis.zadd(world.keys.sessions(partitionOf(session, partitions)), Date.now(), session);
  return session;
}

const closed = async (sessions: readonly string[]) =>
  (await world.entriesOf('session.closed')).filter(({ session }) => sessions.includes(session));

const act = (room: string, how: string) =>
  world.alice.request('POST', `/v3/rooms/${encodeURIComponent(room)}/${how}`, {
    body: { user_id: world.bot.userId },
  });

describe('F63: the bot is put out of a room', () => {
  it.each([
    { how: 'kick', reason: 'kicked' },
    { how: 'ban', reason: 'banned' },
  ])('by a $how: every session of the room ends, of threads too, and no other', async ({ how, reason }) => {
    const [room, other] = [await world.room([world.bob]), await world.room()];
    const ends = [
      await talkIn(room, world.alice),
      await talkIn(room, world.bob),
      await talkIn(room, world.alice, '$thread'),
    ];
    const stays = await talkIn(other, world.alice);
    await act(room, how);
    await eventually(async () => (await closed(ends)).length === 3, { what: 'all three sessions end' });
    for (const { body } of await closed(ends)) expect(body).toEqual({ reason, movedTo: null });
    const end = `still there, ${other}?`;
    await world.alice.say(other, end);
    await world.waitForTexts([end]);
    expect(await closed([stays])).toEqual([]);
  });

  it('does not come back by itself, and begins afresh when it is invited again', async () => {
    const room = await world.room();
    const session = await talkIn(room, world.alice);
    await act(room, 'kick');
    await eventually(async () => (await closed([session])).length === 1);
    const membership = async () =>
      (
        await world.alice.request(
          'GET',
          `/v3/rooms/${encodeURIComponent(room)}/state/m.room.member/${encodeURIComponent(world.bot.userId)}`,
        )
      )['membership'];
    expect(await membership()).toBe('leave');
    await world.alice.invite(room, world.bot.userId);
    await eventually(async () => (await membership()) === 'join', { what: 'the bot is in again' });
    const end = `hello again, ${room}`;
    await world.alice.say(room, end);
    await world.waitForTexts([end]);
    expect(await closed([session])).toHaveLength(1);
  });

  it('takes an invite that is taken back for nothing', async () => {
    const room = await world.alice.createRoom({ preset: 'private_chat' });
    const session = await talkIn(room, world.alice);
    await world.alice.invite(room, '@nobody:localhost');
    await act(room, 'ban');
    const seen = await world.room();
    const end = `after the ban, ${seen}`;
    await world.alice.say(seen, end);
    await world.waitForTexts([end]);
    expect(await closed([session])).toEqual([]);
  });

  it('while it was away: it finds out when it reads again', async () => {
    await using away = await IngressWorld.start(inject('redisUrl'));
    const first = await away.ingress();
    await first.ready();
    const room = await away.room();
    const session = formatSessionId({ room, thread: null, user: away.alice.userId });
    await away.redis.zadd(away.keys.sessions(partitionOf(session, partitions)), Date.now(), session);
    await away.alice.say(room, 'hi');
    await away.waitForTexts(['hi']);
    await first.stop();
    await away.alice.request('POST', `/v3/rooms/${encodeURIComponent(room)}/kick`, {
      body: { user_id: away.bot.userId },
    });
    await away.ingress();
    await eventually(async () => (await away.entriesOf('session.closed')).length === 1);
    expect(await away.entriesOf('session.closed')).toMatchObject([{ session, body: { reason: 'kicked' } }]);
  });
});
