import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { type HomeserverUnderTest, startEmbeddedHomeserver } from './homeserver-under-test.ts';
import { MatrixUser } from './matrix-user.ts';
import { findViolations } from './rooms-checker.ts';
import type { AppliedAction, CheckedSystem } from './rooms-checker-input.ts';
import { SystemRooms } from './system-rooms.ts';
import { uniquePrefix } from './unique-prefix.ts';

/** A bot that is played by the test: what it does wrong must be found. */
describe('the rooms checker', () => {
  const redis = new Redis(inject('redisUrl'));
  let homeserver: HomeserverUnderTest;
  let rooms: SystemRooms;
  let bot: MatrixUser;
  let ann: MatrixUser;
  let room: string;
  let system: CheckedSystem;
  let round = 0;

  beforeAll(async () => {
    homeserver = await startEmbeddedHomeserver();
  });
  beforeEach(async () => {
    round += 1;
    bot = await MatrixUser.register(homeserver.url, `bot${round}`, homeserver);
    rooms = new SystemRooms(homeserver, bot, String(round));
    ann = await rooms.user('ann');
    const rita = await rooms.user('rita');
    await rooms.open('admin', [rita]);
    room = await rooms.open('direct', [ann]);
    system = {
      rooms: rooms.all,
      botId: bot.userId,
      redis,
      keys: createKeys(uniquePrefix('checker')),
      partitions: 1,
      reviewers: [rita, rita, rita],
    };
  });
  afterAll(async () => {
    redis.disconnect();
    await homeserver.stop();
  });

  function reply(turn: string, options: { kind?: string; entry?: string; session?: string } = {}) {
    const session = options.session ?? `${room}:main:${ann.userId}`;
    return bot.send(room, {
      msgtype: 'm.text',
      body: 'an answer',
      'm.mentions': {},
      'm.relates_to': { 'm.in_reply_to': { event_id: turn } },
      'dev.vagent': { kind: options.kind ?? 'reply', session, turn, entry: options.entry ?? `${turn}-0` },
    });
  }

  const violations = (applied: readonly AppliedAction[] = []) =>
    findViolations(system, { checkpoints: false, applied: () => applied });

  it('finds nothing where every message has its one answer', async () => {
    const asked = [await ann.say(room, 'one'), await ann.say(room, 'two')];
    for (const turn of asked) await reply(turn);
    expect(await violations()).toEqual([]);
  });

  it('finds a message without an answer, unless the ledger says that it needs none', async () => {
    const asked = await ann.say(room, 'one');
    expect(await violations()).toEqual([expect.stringMatching(`^I1 ${escaped(asked)} .* no outcome`)]);
    await redis.set(system.keys.fact(0, asked), 'done:no_reply', 'PX', 60_000);
    expect(await violations()).toEqual([]);
  });

  it('finds two answers to one message', async () => {
    const asked = await ann.say(room, 'one');
    await reply(asked);
    await reply(asked, { entry: '2-0' });
    expect(await violations()).toEqual([
      expect.stringMatching('^I1 .* has 2 outcomes'),
      expect.stringMatching('^I2 reply .* stands twice'),
    ]);
  });

  it('finds answers out of order, in the wrong session, and drafts that stayed', async () => {
    const [first, second] = [await ann.say(room, 'one'), await ann.say(room, 'two')];
    await reply(second, { kind: 'draft' });
    await reply(first, { session: `${room}:main:@somebody:localhost` });
    expect(await violations()).toEqual([
      expect.stringMatching('^I1 .* was answered for .*@somebody'),
      expect.stringMatching('^I1 the reply .* still a draft'),
      expect.stringMatching('^I3 .* out of order'),
    ]);
  });

  it('finds events that do not say what they are and whom they mention', async () => {
    await bot.send(room, { msgtype: 'm.text', body: 'who am I?', 'm.mentions': {} });
    const asked = await ann.say(room, 'one');
    const session = `${room}:main:${ann.userId}`;
    const mark = { kind: 'reply', session, turn: asked, entry: '1-0' };
    await bot.send(room, { msgtype: 'm.text', body: 'an answer', 'dev.vagent': mark });
    expect(await violations()).toEqual([
      expect.stringMatching('^dev.vagent is missing'),
      expect.stringMatching('^m.mentions is missing'),
      expect.stringMatching('^m.mentions is missing'),
    ]);
  });

  it('finds what is pending, unread, accepted or dead', async () => {
    const { keys } = system;
    const inbound = keys.stream(0, 'inbound');
    await redis.xgroup('CREATE', inbound, 'graph', '0', 'MKSTREAM');
    await redis.xadd(inbound, '*', 'v', '1');
    expect(await violations()).toEqual([expect.stringMatching('^I6 .* unread')]);
    await redis.xreadgroup('GROUP', 'graph', 'someone', 'COUNT', 1, 'STREAMS', inbound, '>');
    await redis.hset(keys.accepted(0), '1-0', 'a session');
    await redis.xadd(keys.stream(0, 'dead'), '*', 'reason', 'a test');
    expect(await violations()).toEqual([
      expect.stringMatching('^I6 1 accepted'),
      expect.stringMatching('^I6 .* 1 pending'),
      expect.stringMatching('^I6 there are 1 dead letters'),
    ]);
  });

  it('finds an effect that nobody allowed, and one that was applied twice', async () => {
    const key = `${'A'.repeat(20)}:0`;
    const effect = { key, args: { project: 'Apollo' } };
    expect(await violations([effect, effect])).toEqual([
      expect.stringMatching(`^I5 ${key} was applied, and its approval is unknown`),
      expect.stringMatching(`^I4 ${key} was applied twice`),
      expect.stringMatching(`^I5 ${key} was applied, and its approval is unknown`),
    ]);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[$.*+?()[\]{}|\\^]/g, '\\$&');
}
