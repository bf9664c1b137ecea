import { describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { formatSessionId } from '#contract/session-id';
import { vagentContentKey } from '#contract/vagent-content';
import { createRoomMoves, type RoomMoves } from '#operations/rooms/room-moves';
import { IngressWorld, type RunningIngress } from '../integration/ingress-world.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent, MatrixUser } from '../support/matrix-user.ts';

const partitions = 4;

const path = (id: string) => `/v3/rooms/${encodeURIComponent(id)}`;

function movesOf({ redis, keys }: IngressWorld): RoomMoves {
  const plain = (text: string) => text;
  return createRoomMoves({ redis, keys, sealBody: plain, openOwn: plain });
}

/** What a client does when somebody upgrades a room. */
async function upgrade(
  user: MatrixUser,
  from: string,
  options: { predecessor?: object; preset?: string; version?: string } = {},
): Promise<string> {
  const { predecessor = { room_id: from }, preset = 'public_chat', version = '12' } = options;
  const to = await user.createRoom({ preset, room_version: version, creation_content: { predecessor } });
  await tombstone(user, from, to);
  return to;
}

const tombstone = (user: MatrixUser, from: string, to: string) =>
  user.request('PUT', `${path(from)}/state/m.room.tombstone/`, {
    body: { body: 'This room has been replaced', replacement_room: to },
  });

async function isIn({ bot }: IngressWorld, id: string): Promise<boolean> {
  const joined = await bot.request('GET', '/v3/joined_rooms');
  return Array.isArray(joined['joined_rooms']) && joined['joined_rooms'].includes(id);
}

const refusal = ({ metrics }: RunningIngress) =>
  eventually(
    async () => /upgrades_total\{[^}]*outcome="refused"[^}]*\} 1/.test(await metrics.registry.metrics()),
    { what: 'the upgrade is refused' },
  );

const sendLevels = async (user: MatrixUser, id: string, levels: object) => {
  const place = `${path(id)}/state/m.room.power_levels/`;
  await user.request('PUT', place, { body: { ...(await user.request('GET', place)), ...levels } });
};

describe('F62: a room is upgraded', () => {
  it('to version 12: the bot follows, sessions go on under their names, and the old room is silent', async () => {
    await using world = await IngressWorld.start(inject('redisUrl'));
    const room = await world.room([world.bob]);
    await (await world.ingress({ ALLOWED_ROOMS: room })).ready();
    const moves = movesOf(world);
    const session = formatSessionId({ room, thread: null, user: world.alice.userId });
    await world.redis.zadd(world.keys.sessions(partitionOf(session, partitions)), Date.now(), session);
    await world.alice.say(room, 'before', { mention: world.bot.userId });
    await world.waitForTexts(['before']);
    const next = await upgrade(world.alice, room);
    expect(next).not.toContain(':');
    await eventually(async () => (await moves.currentOf(room)) === next, { what: 'the move is noted' });
    await eventually(async () => (await world.entriesOf('session.closed')).length === 1);
    expect(await world.entriesOf('session.closed')).toMatchObject([
      { session, body: { reason: 'room_upgraded', movedTo: next } },
    ]);

    await world.alice.say(room, 'too late', { mention: world.bot.userId });
    const inThread = await world.alice.say(next, 'root', { mention: world.bot.userId });
    await world.alice.say(next, 'in a thread', { mention: world.bot.userId, thread: inThread });
    await world.alice.edit(next, inThread, 'root, edited');
    await world.waitForTexts(['root', 'in a thread']);
    const entries = await world.entriesOf('message.received');
    expect(entries.map(({ body, session: at }) => [body.text, at])).toEqual(
      expect.arrayContaining([
        ['before', session],
        ['root', session],
        ['in a thread', formatSessionId({ room, thread: inThread, user: world.alice.userId })],
      ]),
    );
    expect(await world.texts()).not.toContain('too late');
    await eventually(async () => (await world.entriesOf('message.edited')).length === 1);
    expect((await world.entriesOf('message.edited'))[0]?.session).toBe(session);

    // Once more, and back in a circle.
    const third = await upgrade(world.alice, next, { version: '11' });
    await eventually(async () => (await moves.currentOf(room)) === third, { what: 'the second move' });
    await tombstone(world.alice, third, room);
    await world.alice.say(third, 'still answered', { mention: world.bot.userId });
    await world.waitForTexts(['still answered']);
    expect(await moves.currentOf(room)).toBe(third);
  });

  it('into a private room: the bot waits for the invite, whoever it comes from', async () => {
    await using other = await IngressWorld.start(inject('redisUrl'));
    const from = await other.room();
    await (await other.ingress({ ALLOWED_ROOMS: from, ALLOWED_INVITERS: '@nobody:localhost' })).ready();
    const to = await upgrade(other.alice, from, { preset: 'private_chat' });
    const stranger = await other.bob.createRoom({ preset: 'private_chat', invite: [other.bot.userId] });
    await eventually(
      async () => (await other.redis.hlen(`${other.keys.sync(other.bot.userId)}:upgrades`)) === 1,
    );
    await other.alice.invite(to, other.bot.userId);
    await eventually(async () => (await movesOf(other).currentOf(from)) === to, {
      what: 'the move is noted',
    });
    const joined = await other.bot.request('GET', '/v3/joined_rooms');
    expect(joined['joined_rooms']).not.toContain(stranger);
  });
});

describe('F62: an upgrade that is not to be trusted', () => {
  it.each([
    { name: 'whose new room names no predecessor', predecessor: {} },
    { name: 'whose new room continues another one', predecessor: { room_id: '!another:localhost' } },
  ])('$name is not followed, and the new room is left', async ({ predecessor }) => {
    await using other = await IngressWorld.start(inject('redisUrl'));
    const from = await other.room();
    const ingress = await other.ingress({ ALLOWED_ROOMS: from });
    await ingress.ready();
    const to = await upgrade(other.alice, from, { predecessor });
    await refusal(ingress);
    const joined = await other.bot.request('GET', '/v3/joined_rooms');
    expect(joined['joined_rooms']).not.toContain(to);
    expect(await movesOf(other).currentOf(from)).toBe(from);
    await other.alice.say(from, 'still here', { mention: other.bot.userId });
    await other.waitForTexts(['still here']);
  });

  it('by an event that is not the state of the room changes nothing', async () => {
    await using other = await IngressWorld.start(inject('redisUrl'));
    const from = await other.room([other.bob]);
    const ingress = await other.ingress({ ALLOWED_ROOMS: from });
    await ingress.ready();
    const to = await other.bob.createRoom({
      preset: 'public_chat',
      creation_content: { predecessor: { room_id: from } },
    });
    await other.alice.send(from, { body: 'gone', replacement_room: to }, { type: 'm.room.tombstone' });
    await expect(tombstone(other.bob, from, to)).rejects.toThrow();
    await other.alice.say(from, 'nothing happened', { mention: other.bot.userId });
    await other.waitForTexts(['nothing happened']);
    expect(await movesOf(other).currentOf(from)).toBe(from);
  });

  it('by somebody who has lost the power since is refused', async () => {
    await using other = await IngressWorld.start(inject('redisUrl'), {});
    const from = await other.room([other.bob], { room_version: '11' });
    const first = await other.ingress({ ALLOWED_ROOMS: from });
    await first.ready();
    await first.stop();
    await sendLevels(other.alice, from, {
      users: { [other.alice.userId]: 100, [other.bob.userId]: 100 },
    });
    const to = await upgrade(other.bob, from);
    await sendLevels(other.bob, from, { users: { [other.alice.userId]: 100, [other.bob.userId]: 0 } });
    const ingress = await other.ingress({ ALLOWED_ROOMS: from });
    await refusal(ingress);
    expect(await movesOf(other).currentOf(from)).not.toBe(to);
  });
});

describe('F62: the room that approvals are escalated to is upgraded', () => {
  /** What egress posts there with a reminder. */
  const remind = (at: IngressWorld, to: string, approval: string): Promise<string> => {
    const session = formatSessionId({ room: '!any:localhost', thread: null, user: at.bob.userId });
    const vagent = { kind: 'reminder', session, turn: '$turn', entry: '1-0', approval };
    return at.bot.send(to, { msgtype: 'm.text', body: 'Still waiting', [vagentContentKey]: vagent });
  };

  it('answers count under the id of the new room, and none in a room that nothing proves', async () => {
    await using other = await IngressWorld.start(inject('redisUrl'));
    const leads = await other.room();
    const ingress = await other.ingress({ ALLOWED_ROOMS: leads });
    await ingress.ready();
    const next = await upgrade(other.alice, leads);
    await eventually(async () => (await movesOf(other).currentOf(leads)) === next);
    const forged = await other.alice.createRoom({
      preset: 'public_chat',
      creation_content: { predecessor: { room_id: leads } },
    });
    await other.bot.join(forged);
    for (const [place, approval] of [
      [leads, 'A'.repeat(20)],
      [forged, 'B'.repeat(20)],
      [next, 'C'.repeat(20)],
    ] as const) {
      await other.alice.say(place, 'approve', { thread: await remind(other, place, approval) });
    }
    await eventually(async () => (await other.entriesOf('approval.decided')).length > 0);
    expect((await other.entriesOf('approval.decided')).map(({ body }) => [body.approval, body.room])).toEqual(
      [['C'.repeat(20), next]],
    );
  });
});

describe('F62: the admin room is upgraded', () => {
  it('by a reviewer: it goes on, and nothing counts in the old one', async () => {
    await using world = await IngressWorld.start(inject('redisUrl'));
    await (await world.ingress({ REVIEWERS: world.alice.userId })).ready();
    const moves = movesOf(world);
    const next = await upgrade(world.alice, world.adminRoom);
    await eventually(async () => (await moves.currentOf(world.adminRoom)) === next);
    expect(await isIn(world, next)).toBe(true);
    await world.alice.say(world.adminRoom, '!vagent nonsense');
    const inNew = await world.alice.say(next, '!vagent nonsense');
    const isAnswer = ({ sender, type }: MatrixEvent): boolean =>
      sender === world.bot.userId && type === 'm.room.message';
    const answered = await world.alice.waitFor(next, isAnswer);
    expect(JSON.stringify(answered.content)).toContain(inNew);
    expect((await world.alice.timeline(world.adminRoom)).filter(isAnswer)).toEqual([]);
  });

  it('and the settings name the new room, or one in between: nothing changes', async () => {
    await using other = await IngressWorld.start(inject('redisUrl'));
    const from = await other.room();
    const first = await other.ingress({ ALLOWED_ROOMS: from, REVIEWERS: other.alice.userId });
    await first.ready();
    const line = [[from], [other.adminRoom]];
    for (const rooms of line) {
      for (let at = 0; at < 2; at += 1) {
        const next = await upgrade(other.alice, rooms[at] ?? '');
        await eventually(async () => (await movesOf(other).currentOf(rooms[0] ?? '')) === next);
        rooms.push(next);
      }
    }
    await first.stop();
    const [[, between = '', last = ''] = [], [, admin = '', lastAdmin = ''] = []] = line;
    await (await other.ingress({ ALLOWED_ROOMS: between, ADMIN_ROOM_ID: admin })).ready();
    await other.alice.say(last, 'hello there');
    await other.waitForTexts(['hello there']);
    expect((await other.entriesOf('message.received'))[0]?.session).toContain(from);
    await other.alice.say(lastAdmin, '!vagent nonsense');
    await other.alice.waitFor(lastAdmin, ({ sender, type }) => {
      return sender === other.bot.userId && type === 'm.room.message';
    });
    expect(await other.texts()).toEqual(['hello there']);
  });

  it('by anybody else: nothing counts in any room, until a reviewer has done it', async () => {
    await using other = await IngressWorld.start(inject('redisUrl'));
    const env = { REVIEWERS: other.bob.userId };
    const ingress = await other.ingress(env);
    await ingress.ready();
    const to = await upgrade(other.alice, other.adminRoom);
    await refusal(ingress);
    expect(await movesOf(other).currentOf(other.adminRoom)).toBeNull();
    expect(await movesOf(other).originOf(to)).toBe(to);
    await other.alice.say(other.adminRoom, '!vagent approve 7K3Q9D');
    const elsewhere = await other.room();
    await other.alice.say(elsewhere, 'read');
    await other.waitForTexts(['read']);
    expect(await other.entriesOf('approval.decided')).toEqual([]);

    await other.bob.join(other.adminRoom);
    await sendLevels(other.alice, other.adminRoom, { users: { [other.bob.userId]: 150 } });
    const good = await upgrade(other.bob, other.adminRoom);
    await eventually(async () => (await movesOf(other).currentOf(other.adminRoom)) === good);
  });
});
