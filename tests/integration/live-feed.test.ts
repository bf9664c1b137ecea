import { randomInt } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { redisNow } from '#streams/redis-now';
import { compareIds, covers, parseCursor } from '../../services/gateway/live/cursor.ts';
import { readEvents } from '../../services/gateway/live/read-events.ts';
import { eventually } from '../support/eventually.ts';
import { followNow, keepEvents, type LiveStage, openLiveStage } from '../support/live-stage.ts';
import { redisAt } from '../support/redis-at.ts';
import { startCluster } from '../support/start-cluster.ts';
import { startRedis } from '../support/start-redis.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const settings = redisAt(inject('redisUrl'));
const ana = '!room:localhost:main:@ana:localhost';
const body = { state: 'idle', replyTo: null, text: '', approval: null } as const;

/** What is written in one millisecond has an order only within its stream. */
async function nextMs({ transport }: LiveStage): Promise<void> {
  const now = await redisNow(transport.redis);
  await eventually(async () => (await redisNow(transport.redis)) > now, { everyMs: 1 });
}

/** Numbers from a seed, the same each time. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function expectGrowing(ids: readonly string[]): void {
  for (const [at, id] of ids.entries()) {
    const before = ids[at - 1];
    if (before !== undefined) {
      expect(id).not.toBe(before);
      expect(covers(parseCursor(id), parseCursor(before))).toBe(true);
    }
  }
}

describe('a feed', () => {
  it('resumes without a gap and without a double while others write, from any id', async () => {
    const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
    console.info(`seed ${seed}: SEED=${seed} vitest run tests/integration/live-feed.test.ts`);
    const random = randomFrom(seed);
    await using stage = await openLiveStage(settings);
    const sessions = [ana, '!b:localhost:main:@ana:localhost', '!c:localhost:main:@ben:localhost'];
    const { seen: whole } = await followNow(stage.feed, ana);
    let isWriting = true;
    let written = 0;
    const writers = [0, 1, 2].map(async () => {
      while (isWriting) {
        const session = sessions[random(3)] ?? ana;
        written += 1;
        if (random(3) === 0) await stage.append('inbound', 'session.reset', session, { by: `${written}` });
        else if (random(2) === 0) await stage.append('outbound', 'turn.status', session, body);
        else
          await stage.append('approvals', 'notice.raised', session, { text: `${written}`, approval: null });
      }
    });
    const resumed: { after: string | null; seen: ReturnType<typeof keepEvents> }[] = [];
    for (let round = 0; round < 60; round++) {
      await eventually(() => whole.events.length > 5 * round, { what: 'events arrive' });
      const after = whole.events[random(whole.events.length)]?.id ?? null;
      const seen = keepEvents();
      const following = stage.feed.follow(ana, after, seen);
      if (random(3) === 0) await following.caughtUp;
      resumed.push({ after, seen });
    }
    isWriting = false;
    await Promise.all(writers);
    await stage.reply(ana, 'the end');
    await eventually(() =>
      [whole, ...resumed.map(({ seen }) => seen)].every((seen) => seen.texts().length > 0),
    );
    expectGrowing(whole.events.map(({ id }) => id));
    const all = await readEvents(stage.transport, ana, { limit: 100_000 });
    const placesOf = (events: readonly { event: string; at: string; id: string }[]) =>
      events.map((event) => `${event.event} ${event.at}`).sort();
    expect(placesOf(whole.events)).toEqual(placesOf(all.events));
    for (const { after, seen } of resumed) {
      const from = whole.events.findIndex(({ id }) => id === after) + 1;
      expectGrowing([after ?? '', ...seen.events.map(({ id }) => id)]);
      expect(placesOf(seen.events)).toEqual(placesOf(whole.events.slice(from)));
    }
  });

  it('reads each entry once, however many follow', async () => {
    await using stage = await openLiveStage(settings);
    const followers = await Promise.all(Array.from({ length: 50 }, () => followNow(stage.feed, ana)));
    const before = stage.opened();
    for (let i = 0; i < 20; i++) await stage.reply(ana, `reply ${i}`);
    await eventually(() => followers.every(({ seen }) => seen.events.length === 20));
    expect(stage.opened() - before).toBe(20);
    expect(followers[0]?.seen.events[7]).toBe(followers[1]?.seen.events[7]);
  });

  it('gives a follower of a session with a glob in its id that session and no other', async () => {
    await using stage = await openLiveStage(settings, { partitions: 1 });
    const glob = '!*:localhost:main:@[a-z]?*:localhost';
    const { seen } = await followNow(stage.feed, glob);
    await stage.reply(ana, 'not meant');
    await stage.reply(glob, 'meant');
    await eventually(() => seen.events.length > 0);
    expect(seen.texts()).toEqual(['meant']);
    const { events } = await readEvents(stage.transport, glob, { limit: 10 });
    expect(events.map((event) => (event.event === 'reply' ? event.text : ''))).toEqual(['meant']);
  });

  it('tells followers that Redis is away, and gives them everything when it is back', async () => {
    await using redis = await startRedis();
    await using stage = await openLiveStage(redisAt(redis.url));
    const { seen } = await followNow(stage.feed, ana);
    const { seen: all } = await (async () => {
      const kept = keepEvents();
      await stage.feed.followAll(kept).caughtUp;
      return { seen: kept };
    })();
    await stage.reply(ana, 'before');
    await eventually(() => seen.events.length === 1);
    await redis.kill();
    await eventually(() => seen.reachable.at(-1) === false);
    const late = keepEvents();
    const following = stage.feed.follow(ana, seen.events[0]?.id ?? null, late);
    expect(late.reachable).toEqual([false]);
    await redis.start();
    await eventually(() => stage.reply(ana, 'after').then(() => true), { withinMs: 15_000 });
    await following.caughtUp;
    await eventually(() => [seen, all, late].every((one) => one.texts().includes('after')));
    expect(seen.texts()).toEqual(['before', 'after']);
    expect(late.texts()).toEqual(['after']);
    expect(seen.reachable.at(-1)).toBe(true);
  });

  it('tells followers of a connection that hangs, though nobody has closed it', async () => {
    await using proxy = await startTcpProxy(Number(new URL(inject('redisUrl')).port));
    await using stage = await openLiveStage(redisAt(proxy.url));
    await using direct = await openLiveStage(settings, { prefix: stage.prefix });
    const { seen } = await followNow(stage.feed, ana);
    proxy.freeze();
    await eventually(() => seen.reachable.at(-1) === false);
    await direct.reply(ana, 'meanwhile');
    proxy.thaw();
    await eventually(() => seen.texts().includes('meanwhile'), { withinMs: 20_000 });
    expect(seen.reachable.at(-1)).toBe(true);
    expect(seen.texts()).toEqual(['meanwhile']);
  });

  it('shows what cannot be read as something else, and goes on', async () => {
    await using stage = await openLiveStage(settings, { partitions: 1 });
    const { transport } = stage;
    const { seen } = await followNow(stage.feed, ana);
    const key = transport.keys.stream(0, 'outbound');
    await transport.redis.xadd(key, '*', 'session', ana, 'type', 'reply.finished', 'body', '{');
    await transport.redis.xadd(key, '*', 'v', '99', 'session', ana, 'type', 'reply.sung');
    await transport.redis.xadd(key, '*', Buffer.from([0xff, 0xfe]), 'x');
    await stage.reply(ana, 'goes on');
    await eventually(() => seen.texts().length === 1);
    expect(seen.events.map((event) => (event.event === 'other' ? event.type : event.event))).toEqual([
      'reply.finished',
      'reply.sung',
      'reply',
    ]);
  });

  it('reads the other partitions while one has a key of another type', async () => {
    await using stage = await openLiveStage(settings);
    const { transport, feed } = stage;
    const other = '!c:localhost:main:@ben:localhost';
    expect(partitionOf(ana, 4)).not.toBe(partitionOf(other, 4));
    const { seen } = await followNow(feed, ana);
    await transport.redis.set(transport.keys.stream(partitionOf(other, 4), 'outbound'), 'no stream');
    const { seen: blocked } = await followNow(feed, other);
    await stage.reply(ana, 'here');
    await stage.append('approvals', 'notice.raised', other, { text: 'there', approval: null });
    await eventually(() => seen.events.length === 1 && blocked.events.length === 1);
  });

  it('refuses what is no cursor, and one from the future', async () => {
    await using stage = await openLiveStage(settings);
    for (const wrong of ['', '1-0', '1-0,2-0', '1-0,2-0,x', '01-0,2-0,3-0', '1-0,2-0,3-0,4-0', '*,*,*']) {
      expect(() => stage.feed.follow(ana, wrong, keepEvents())).toThrow(RangeError);
    }
    const future = `${Date.now() + 86_400_000}-0,0-0,0-0`;
    expect(() => stage.feed.follow(ana, future, keepEvents())).toThrow('in the future');
    expect(compareIds('9-9', '10-0')).toBeLessThan(0);
  });

  it('follows on a Cluster, with a connection for each partition', async () => {
    await using cluster = await startCluster();
    const connection = {
      form: 'cluster',
      nodes: cluster.nodes,
      username: undefined,
      password: undefined,
      tls: false,
    } as const;
    await using stage = await openLiveStage(connection, { partitions: 3 });
    const seen = keepEvents();
    await stage.feed.followAll(seen).caughtUp;
    const sessions = Array.from({ length: 9 }, (_, i) => `!room${i}:localhost:main:@ana:localhost`);
    for (const session of sessions) await stage.reply(session, session);
    await eventually(() => seen.events.length === 9);
    expect(seen.texts().sort()).toEqual(sessions);
    const { seen: late } = await followNow(stage.feed, sessions[0] ?? '', '0-0,0-0,0-0');
    expect(late.texts()).toEqual([sessions[0]]);
  });
});

describe('reading the events of a session', () => {
  async function conversation(stage: LiveStage): Promise<void> {
    for (let i = 0; i < 10; i++) {
      await nextMs(stage);
      await stage.append('inbound', 'session.reset', ana, { by: `${i}` }, `$t${i}`);
      await nextMs(stage);
      const text = { reply: `$t${i}`, replyTo: null };
      for (const revision of [0, 1, 2]) {
        const draft = { ...text, text: 'x'.repeat(revision), revision };
        await stage.append('outbound', 'reply.drafted', ana, draft, `$t${i}`);
      }
      await stage.append(
        'outbound',
        'reply.finished',
        ana,
        { ...text, text: `text ${i}`, revision: 3 },
        `$t${i}`,
      );
      await stage.reply('!other:localhost:main:@ana:localhost', 'not ours');
    }
  }

  it('goes back page by page without a gap and without a double, drafts that were replaced left out', async () => {
    await using stage = await openLiveStage(settings, { partitions: 1 });
    await conversation(stage);
    const whole = await readEvents(stage.transport, ana, { limit: 100 });
    expect(whole.events.map(({ event }) => event)).toEqual(Array(10).fill(['other', 'reply']).flat());
    const pages: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await readEvents(stage.transport, ana, {
        ...(before === undefined ? {} : { before }),
        limit: 3,
      });
      pages.unshift(...page.events.map(({ id }) => id));
      if (page.older === null) break;
      expect(page.events).toHaveLength(3);
      before = page.older;
    }
    expect(pages).toEqual(whole.events.map(({ id }) => id));
    expectGrowing(pages);
  });

  it('says where to go on where a page of a busy partition holds nothing of it', async () => {
    await using stage = await openLiveStage(settings, { partitions: 1 });
    await stage.reply(ana, 'long ago');
    const { redis, keys } = stage.transport;
    const writes = redis.pipeline();
    for (let entry = 0; entry < 45_000; entry++) {
      writes.xadd(keys.stream(0, 'outbound'), '*', 'session', '!busy:localhost:main:@ben:localhost');
    }
    await writes.exec();
    await stage.reply(ana, 'now');
    const texts: string[][] = [];
    for (let before: string | null | undefined; before !== null; ) {
      const page = await readEvents(stage.transport, ana, {
        ...(before === undefined ? {} : { before }),
        limit: 3,
      });
      texts.push(page.events.map((event) => (event.event === 'reply' ? event.text : event.event)));
      before = page.older;
    }
    expect(texts).toEqual([['now'], [], ['long ago']]);
  });

  it('ends where following goes on, also from each event of it', async () => {
    await using stage = await openLiveStage(settings, { partitions: 1 });
    await conversation(stage);
    const { events, cursor } = await readEvents(stage.transport, ana, { limit: 100 });
    const { seen } = await followNow(stage.feed, ana, cursor);
    const { seen: rest } = await followNow(stage.feed, ana, events[13]?.id ?? null);
    await stage.reply(ana, 'next');
    await eventually(() => seen.events.length > 0 && rest.texts().includes('next'));
    expect(seen.texts()).toEqual(['next']);
    expect(rest.texts()).toEqual(['text 7', 'text 8', 'text 9', 'next']);
  });
});
