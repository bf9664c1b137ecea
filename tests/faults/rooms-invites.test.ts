import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { createMetrics } from '#runtime/create-metrics';
import { createIngressMetrics } from '../../services/ingress/ingress-metrics.ts';
import { createTakeSync } from '../../services/ingress/reading/take-sync.ts';
import { openJudgeInvite } from '../../services/ingress/rooms/judge-invite.ts';
import { IngressWorld } from '../integration/ingress-world.ts';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.disconnect());

const bot = '@bot:localhost';
const many = 10_000;
const policy = {
  adminRoom: '!admin:localhost',
  allowedRooms: ['*'],
  openRooms: [],
  reviewers: [],
  allowedInviters: ['@friend:localhost', '@*:friends.example'],
};

/** Takes one answer of /sync with so many invites, and counts what it costs. */
async function takeInvites(inviters: readonly string[], perHour = 20) {
  const keys = createKeys(uniquePrefix('invites'));
  using asked = countCommands();
  const requests: string[] = [];
  const joined: string[] = [];
  const takeSync = createTakeSync({
    request: async (_method, path) => {
      requests.push(path);
      return {};
    },
    userId: bot,
    filter: '{}',
    maxEvents: 10,
    takeEvents: async () => undefined,
    views: { forget: () => undefined },
    joins: { add: async (room) => void joined.push(room) },
    upgrades: { invited: async () => undefined },
    moves: { lineOf: async (room) => [room] },
    openJudgeInvite: () =>
      openJudgeInvite({
        redis: asked.redis,
        keys,
        policy,
        moves: { lineOf: async (room) => [room] },
        upgrades: { expected: async () => new Set() },
        perHour,
      }),
    declineEncrypted: async () => undefined,
    writeDeadLetter: async () => undefined,
    policy,
    metrics: createIngressMetrics(createMetrics({ service: 'ingress' })),
    log: pino({ level: 'silent' }),
  });
  const invited = inviters.map((sender, at) => ({
    room: `!r${at}:localhost`,
    state: [{ type: 'm.room.member', state_key: bot, sender, content: { membership: 'invite' } }],
  }));
  const nothing = { nextBatch: 's2', joined: [], left: [], malformed: [] };
  await takeSync({ ...nothing, invited }, 's1', new AbortController().signal);
  const keysLeft = await redis.keys(`${keys.settings().split(':')[0]}:*`);
  return { requests, joined, commands: asked.count(), keysLeft };
}

/** A connection that counts its scripts, of which the limit is one. */
function countCommands() {
  const own = redis.duplicate();
  const send = own.sendCommand.bind(own);
  let commands = 0;
  own.sendCommand = (command, ...more) => {
    // What a connection begins with is not counted.
    if (/^(eval|script)/.test(command.name)) commands += 1;
    return send(command, ...more);
  };
  return { redis: own, count: () => commands, [Symbol.dispose]: () => own.disconnect() };
}

describe('T9: invites', () => {
  it('of strangers, ten thousand at once, cost no request and no look at a limit, and leave no key', async () => {
    const strangers = Array.from({ length: many }, (_, at) => `@spam${at}:evil.example`);
    const { requests, joined, keysLeft, commands } = await takeInvites(strangers);
    expect([requests, joined, keysLeft, commands]).toEqual([[], [], [], 0]);
  });

  it('of one allowed person, ten thousand at once, are taken up to the limit, and others are not held back', async () => {
    const flood = Array.from({ length: many }, () => '@friend:localhost');
    const { requests, joined, keysLeft, commands } = await takeInvites([...flood, '@ana:friends.example']);
    expect(joined).toHaveLength(21);
    expect(joined).toContain(`!r${many}:localhost`);
    expect([requests, keysLeft.length]).toEqual([[], 2]);
    // One for each invite, and the loading of the script.
    expect(commands).toBeLessThanOrEqual(many + 4);
  });

  it('have no limit where it is 0, and a lookalike of an allowed person is a stranger', async () => {
    const friends = Array.from({ length: 50 }, () => '@friend:localhost');
    const lookalikes = [
      '@friend:localhost.evil.example',
      '@Friend:localhost',
      '@frіend:localhost',
      '@friend:LOCALHOST',
      '@x:friends.example:8448',
      '@x:friends.example.evil.example',
    ];
    const { joined } = await takeInvites([...friends, ...lookalikes], 0);
    expect(joined).toHaveLength(50);
  });

  it('into rooms that are not allowed stay open, and are never answered', async () => {
    await using world = await IngressWorld.start(inject('redisUrl'));
    const room = await world.room();
    await (await world.ingress({ ALLOWED_ROOMS: room })).ready();
    const other = await world.alice.createRoom({ preset: 'private_chat', invite: [world.bot.userId] });
    await world.alice.say(room, 'read up to here');
    await world.waitForTexts(['read up to here']);
    const state = `/v3/rooms/${encodeURIComponent(other)}/state/m.room.member/${encodeURIComponent(world.bot.userId)}`;
    expect((await world.alice.request('GET', state))['membership']).toBe('invite');
  });

  it('over the limit of their sender are not taken, whichever way they come', async () => {
    await using world = await IngressWorld.start(inject('redisUrl'));
    await (await world.ingress({ INVITES_PER_HOUR: '2' })).ready();
    for (let at = 0; at < 4; at += 1) {
      await world.bob.createRoom({ preset: 'private_chat', invite: [world.bot.userId] });
    }
    const own = await world.alice.createRoom({ preset: 'private_chat', invite: [world.bot.userId] });
    const joined = async () =>
      (await world.bot.request('GET', '/v3/joined_rooms'))['joined_rooms'] as string[];
    await eventually(async () => (await joined()).includes(own));
    await eventually(async () => (await joined()).length === 4, {
      what: 'admin room, two of Bob, one of Alice',
    });
  });
});

describe('T9, T10: rooms that the settings do not name', () => {
  it('are left at the start where that is asked for, and only they', async () => {
    await using world = await IngressWorld.start(inject('redisUrl'));
    const [named, unknown] = [await world.room(), await world.room()];
    await (await world.ingress({ ALLOWED_ROOMS: named, LEAVE_UNKNOWN_ROOMS: 'true' })).ready();
    const joined = async () =>
      (await world.bot.request('GET', '/v3/joined_rooms'))['joined_rooms'] as string[];
    await eventually(async () => !(await joined()).includes(unknown));
    expect((await joined()).toSorted()).toEqual([named, world.adminRoom].toSorted());
  });

  it('are not listened to, and their events cost no request', async () => {
    await using world = await IngressWorld.start(inject('redisUrl'));
    const [named, unknown] = [await world.room(), await world.room()];
    await (await world.ingress({ ALLOWED_ROOMS: named })).ready();
    await world.alice.say(unknown, 'vagent: hello', { mention: world.bot.userId });
    await world.alice.say(named, 'hello');
    await world.waitForTexts(['hello']);
    expect(await world.texts()).toEqual(['hello']);
    expect(await world.deadLetters()).toEqual([]);
  });
});

describe('a prefix', () => {
  it('addresses the bot in a room of several, as the first word alone', async () => {
    await using world = await IngressWorld.start(inject('redisUrl'));
    const room = await world.room([world.bob]);
    await (await world.ingress({ COMMAND_PREFIX: '!ask' })).ready();
    for (const text of [
      '!asking for trouble',
      'well, !ask me',
      '!ASK me',
      '!ask  what is new?',
      '!ask',
      'vagent: end',
    ]) {
      await world.alice.say(room, text);
    }
    await world.waitForTexts(['end']);
    expect(await world.texts()).toEqual(['what is new?', '!ask', 'end']);
  });
});
