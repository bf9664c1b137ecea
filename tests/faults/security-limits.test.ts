import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Entry } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { parseSessionId } from '#contract/session-id';
import { nothingSwitchedOff } from '#operations/switches/switch';
import { silence } from '../../services/worker/turns/silence.ts';
import { IngressWorld } from '../integration/ingress-world.ts';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { startWorkerStage } from '../support/worker-stage.ts';

const redisUrl = inject('redisUrl');
const flood = 120;
const userLimit = 60;
const roomLimit = 20;
const coldRooms = 50;

/** One room is flooded while fifty others have a question each: through the homeserver and the real ingress. */
describe('T11 and F55: a flood in one room', () => {
  let world: IngressWorld;
  let hot: string;
  const cold: string[] = [];

  beforeAll(async () => {
    world = await IngressWorld.start(redisUrl, {
      env: {
        USER_MESSAGES_PER_MINUTE: String(userLimit),
        ROOM_MESSAGES_PER_MINUTE: String(roomLimit),
      },
    });
    hot = await world.room([], { is_direct: true });
    for (let i = 0; i < coldRooms; i++) {
      const room = await world.bob.createRoom({ preset: 'public_chat' });
      await world.bot.join(room);
      cold.push(room);
    }
  }, 360_000);
  afterAll(() => world[Symbol.asyncDispose](), 30_000);

  it('is cut down to its limits, said once for each, and nobody else is limited', async () => {
    await using ingress = await world.ingress();
    await ingress.ready();
    const mention = { 'm.mentions': { user_ids: [world.bot.userId] } };
    const say = (user: typeof world.alice, room: string, body: string) =>
      user.send(room, { msgtype: 'm.text', body, ...mention });
    for (let sent = 0; sent < flood; sent += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => say(world.alice, hot, `flood ${sent + i}`)));
      await Promise.all(cold.slice(sent / 2, sent / 2 + 5).map((room) => say(world.bob, room, 'a question')));
    }
    const received = await eventually(
      async () => {
        const entries = await world.entriesOf('message.received');
        return entries.length >= flood + coldRooms ? entries : undefined;
      },
      { withinMs: 60_000, everyMs: 200, what: 'every message is in its stream' },
    );
    const isHot = ({ session }: Pick<Entry, 'session'>) => parseSessionId(session)?.room === hot;
    expect(received.filter((entry) => !isHot(entry) && entry.body.limited !== undefined)).toEqual([]);
    const flooded = received.filter(isHot);
    expect(flooded).toHaveLength(flood);
    const limited = flooded.flatMap(({ body }) => (body.limited === undefined ? [] : [body.limited]));
    // It went on for a while, in which the buckets have filled a little.
    expect(flood - limited.length).toBeGreaterThanOrEqual(roomLimit);
    expect(flood - limited.length).toBeLessThan(userLimit);
    expect(flooded.every(({ body }) => body.limited === undefined || body.text === '')).toBe(true);
    const { told, counted } = await countOf(limited, ingress);
    expect(told.user).toBeLessThanOrEqual(1);
    expect(told.room).toBe(1);
    expect(counted).toBe(limited.length);
  }, 180_000);

  async function countOf(
    limited: readonly { scope: 'user' | 'room'; tell: boolean }[],
    ingress: Awaited<ReturnType<IngressWorld['ingress']>>,
  ) {
    const toldTo = (scope: string) => limited.filter((one) => one.tell && one.scope === scope).length;
    const metric = await ingress.metrics.registry.getSingleMetric('vagent_ingress_limited_total')?.get();
    const counted = (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
    return { told: { user: toldTo('user'), room: toldTo('room') }, counted };
  }

  it('leaves the others their turns: by order, none of them waits for the flood', async () => {
    const order: string[] = [];
    const busy = new Map<string, number>();
    let mostOfHot = 0;
    await using consumer = await startTestConsumer(redisAt(redisUrl), prefixOf(world.keys), 'w1', {
      concurrency: 6,
      shareConcurrency: 3,
      // As if each of the flood had a conversation of its own.
      laneOf: (entry) => entry.id,
      shareOf: (entry) => parseSessionId(entry.session)?.room ?? '',
      handle: async ({ entry, ...delivery }) => {
        const room = parseSessionId(entry.session)?.room ?? '';
        busy.set(room, (busy.get(room) ?? 0) + 1);
        mostOfHot = Math.max(mostOfHot, busy.get(hot) ?? 0);
        await new Promise((resolve) => setTimeout(resolve, 2));
        busy.set(room, (busy.get(room) ?? 0) - 1);
        order.push(room);
        if (entry.type !== 'message.received') return { outcome: 'no_reply' };
        const deps = { redis: world.redis, keys: world.keys, switches: nothingSwitchedOff };
        const ended = await silence(deps, { ...delivery, entry }, entry);
        return ended ?? { outcome: 'replied' };
      },
    });
    await eventually(() => order.length >= flood + coldRooms, {
      withinMs: 60_000,
      what: 'every message has an outcome',
    });
    const lastCold = order.findLastIndex((room) => room !== hot);
    const hotBefore = order.slice(0, lastCold).filter((room) => room === hot).length;
    expect(hotBefore).toBeLessThan(flood / 2);
    expect(mostOfHot).toBeLessThanOrEqual(3);
    expect(await consumer.count('dead_letters_total')).toBe(0);
    expect(await outcomesOf(consumer)).toMatchObject({
      limited: expect.any(Number),
      replied: expect.any(Number),
    });
  }, 180_000);

  async function outcomesOf(consumer: Awaited<ReturnType<typeof startTestConsumer>>) {
    const metric = await consumer.registry.getSingleMetric('vagent_entries_finished_total')?.get();
    return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [labels['outcome'], value]));
  }
});

describe('T11: a message over its limit, in the worker', () => {
  it('ends without a model, a flow, a checkpoint or a budget, and is told only where it should be', async () => {
    await using stage = await startWorkerStage(redisUrl);
    const before = new Set(await stage.redis.keys(`${prefixOf(stage.keys)}:*`));
    const turns = [true, false, false].map((tell, number) => {
      const entry = messageEntry(1_000 + number);
      if (entry.type !== 'message.received') throw new Error('not a message');
      const limited = { scope: 'user', tell } as const;
      return { ...entry, body: { ...entry.body, text: '', limited } };
    });
    for (const entry of turns) await stage.publisher.publish('inbound', entry);
    for (const { id } of turns) {
      const fact = stage.keys.fact(stage.partition, id);
      await eventually(async () => (await stage.redis.get(fact)) === 'done:limited');
    }
    const [told, ...more] = await stage.entries('outbound', 'reply.finished');
    expect(told?.body.text).toMatch(/I am busy/);
    expect(more).toEqual([]);
    const silent = await stage.entries('outbound', 'turn.status');
    expect(silent.map(({ body }) => [body.state, body.text])).toEqual(turns.slice(1).map(() => ['idle', '']));
    const made = (await stage.redis.keys(`${prefixOf(stage.keys)}:*`)).filter((key) => !before.has(key));
    expect(made.filter((key) => /thread|session|budget|turns|vault|memor/.test(key))).toEqual([]);
    await stage.say('hello');
    expect((await stage.output('outbound', 'reply.finished', 2)).body.text).not.toMatch(/busy/);
  });
});

function prefixOf(keys: Keys): string {
  return keys.settings().slice(0, -':settings'.length);
}
