import { once } from 'node:events';
import { describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/start-redis.ts';
import { IngressWorld } from './ingress-world.ts';

const redisUrl = inject('redisUrl');

describe('ingress killed', () => {
  it.each([
    { fault: 'F01', failpoint: 'ingress.before-publish:kill', published: 0 },
    { fault: 'F02', failpoint: 'ingress.mid-batch:kill:2', published: 2 },
    { fault: 'F03', failpoint: 'ingress.before-token:kill', published: 3 },
    { fault: 'F04', failpoint: 'ingress.after-token:kill', published: 3 },
  ])('$fault at $failpoint loses and doubles nothing', async ({ failpoint, published }) => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    const before = await world.ingress();
    await before.ready();
    await before.stop();
    const token = await world.token();
    const texts = ['one', 'two', 'three'];
    for (const text of texts) await world.alice.say(room, text);

    const doomed = world.process({ FAILPOINT: failpoint });
    await once(doomed, 'exit');
    expect(doomed.signalCode).toBe('SIGKILL');
    expect(await world.texts()).toEqual(texts.slice(0, published));
    if (!failpoint.includes('after-token')) expect(await world.token()).toBe(token);

    await world.ingress();
    await world.alice.say(room, 'four');
    await world.waitForTexts(['four'], 20_000);
    expect(await world.texts()).toEqual([...texts, 'four']);
  });

  it('is replaced by another replica as soon as its lease has run out', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    const leader = world.process();
    await eventually(() => world.token(), { withinMs: 20_000, what: 'the leader has read' });
    const standby = await world.ingress();
    await standby.ready();
    leader.kill('SIGKILL');
    await once(leader, 'exit');
    await world.alice.say(room, 'anyone there?');
    await world.waitForTexts(['anyone there?']);
  });

  it('that was stopped and wakes up again moves no token and doubles nothing', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    const sleeper = world.process();
    await eventually(() => world.token(), { withinMs: 20_000, what: 'the leader has read' });
    sleeper.kill('SIGSTOP');
    await world.ingress();
    await world.alice.say(room, 'while it sleeps');
    await world.waitForTexts(['while it sleeps']);
    const held = await world.redis.hgetall(world.keys.sync(world.bot.userId));
    sleeper.kill('SIGCONT');
    await world.alice.say(room, 'when it is awake');
    await world.waitForTexts(['when it is awake']);
    expect(await world.texts()).toEqual(['while it sleeps', 'when it is awake']);
    const now = await world.redis.hgetall(world.keys.sync(world.bot.userId));
    expect([now['owner'], now['epoch']]).toEqual([held['owner'], held['epoch']]);
  });

  it('stops within its time on SIGTERM and gives the lease back', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const child = world.process();
    await eventually(() => world.token(), { withinMs: 20_000, what: 'it has read' });
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    expect(await world.redis.hget(world.keys.sync(world.bot.userId), 'owner')).toBeNull();
  });
});

describe('Redis under ingress', () => {
  it('may be killed and come back: nothing is lost or doubled, and reading goes on', async () => {
    await using server = await startRedis();
    await using world = await IngressWorld.start(server.url);
    const room = await world.room();
    const ingress = await world.ingress();
    await ingress.ready();
    await world.alice.say(room, 'one');
    await world.waitForTexts(['one']);
    await server.kill();
    await world.alice.say(room, 'two');
    await server.start();
    await world.alice.say(room, 'three');
    await world.waitForTexts(['two', 'three'], 25_000);
    expect(await world.texts()).toEqual(['one', 'two', 'three']);
  });

  it('F29 out of memory holds the token until there is room again', async () => {
    await using server = await startRedis();
    await using world = await IngressWorld.start(server.url);
    const room = await world.room();
    const ingress = await world.ingress();
    await ingress.ready();
    await world.redis.config('SET', 'maxmemory', '1');
    const token = await world.token();
    await world.alice.say(room, 'too much');
    const hasFailed = async () =>
      (await ingress.metrics.registry.metrics()).includes(
        'ingress_batches_total{mode="sync",outcome="failed"',
      );
    await eventually(hasFailed, { what: 'storing failed' });
    expect(await world.token()).toBe(token);
    await world.redis.config('SET', 'maxmemory', '0');
    await world.waitForTexts(['too much']);
    expect(await world.texts()).toEqual(['too much']);
  });

  it('with a stream key of another type: its event is a dead letter that names the key, the rest goes on', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const keyOf = (room: string) =>
      world.keys.stream(partitionOf(`${room}:main:${world.alice.userId}`, 4), 'inbound');
    const broken = await world.room();
    let fine = await world.room();
    while (keyOf(fine) === keyOf(broken)) fine = await world.room();
    await world.redis.set(keyOf(broken), 'by hand');
    const ingress = await world.ingress();
    await ingress.ready();
    await world.alice.say(broken, 'into the wrong key');
    await world.alice.say(fine, 'elsewhere');
    await eventually(async () => (await world.redis.xlen(keyOf(fine))) === 1, { what: 'the other room' });
    const [letter] = await eventually(async () => {
      const letters = await world.deadLetters();
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({
      reason: expect.stringContaining(`${keyOf(broken)} holds another type`),
      raw: expect.stringContaining('into the wrong key'),
    });
  });

  it('F35 emptied by hand starts again from where this replica was', async () => {
    await using server = await startRedis();
    await using world = await IngressWorld.start(server.url);
    const room = await world.room();
    const ingress = await world.ingress();
    await ingress.ready();
    await world.alice.say(room, 'before');
    await world.waitForTexts(['before']);
    await world.redis.flushall();
    await world.alice.say(room, 'after');
    await world.waitForTexts(['after'], 20_000);
    expect(await world.texts()).toEqual(['after']);
  });
});
