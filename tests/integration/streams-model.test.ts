import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { Delivery } from '#streams/delivery';
import { createPublisher, type Publisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { messageEntry, startTestConsumer, type TestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const partitions = [0, 1];
const sessions = ['!a:a:main:@u:a', '!b:a:main:@u:a', '!c:a:main:@u:a', '!d:a:main:@u:a'];

interface Member {
  readonly proxy: TcpProxy;
  readonly worker: TestConsumer;
}

/** What really runs: members, each behind a proxy of its own, on one real Redis. */
interface Real {
  readonly prefix: string;
  readonly keys: ReturnType<typeof createKeys>;
  readonly publisher: Publisher;
  readonly members: Member[];
  started: number;
}

/** What should be so: the facts of each session, in the order in which they were published. */
interface Model {
  readonly facts: Map<string, string[]>;
  members: number;
}

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, isPossible: (model: Model) => boolean, run: Command['run']): Command {
  return { check: isPossible, run, toString: () => name };
}

function publish(session: string, count: number): Command {
  return command(
    `publish ${count} to ${session}`,
    () => true,
    async (model, real) => {
      const facts = model.facts.get(session) ?? [];
      model.facts.set(session, facts);
      for (let index = 0; index < count; index++) {
        const entry = messageEntry(facts.length, { session });
        const { isNew } = await real.publisher.publish('inbound', entry);
        expect(isNew).toBe(true);
        expect((await real.publisher.publish('inbound', entry)).isNew).toBe(false);
        facts.push(entry.id);
      }
    },
  );
}

async function startMember(real: Real): Promise<void> {
  const proxy = await startTcpProxy(Number(new URL(url).port));
  real.started += 1;
  const { keys } = real;
  const worker = await startTestConsumer(redisAt(proxy.url), real.prefix, `m${real.started}`, {
    partitions: partitions.length,
    leaseMs: 300,
    houseMs: 60,
    retainMs: 0,
    watchdogMs: 700,
    handle: async ({ entry, partition }: Delivery) => ({
      outcome: 'replied',
      writes: [{ command: 'RPUSH' as const, key: keys.session(partition, entry.session), args: [entry.id] }],
    }),
  });
  real.members.push({ proxy, worker });
}

const start = command(
  'start a member',
  ({ members }) => members < 3,
  async (model, real) => {
    model.members += 1;
    await startMember(real);
  },
);

/** Does something to a member, found by its place in the list. */
function withMember(
  name: string,
  place: number,
  run: (member: Member, model: Model, real: Real) => Promise<void>,
): Command {
  return command(
    `${name} member ${place}`,
    ({ members }) => place < members,
    async (model, real) => {
      const member = real.members[place];
      if (member !== undefined) await run(member, model, real);
    },
  );
}

const stop = (place: number) =>
  withMember('stop', place, async (member, model, real) => {
    member.proxy.thaw();
    real.members.splice(place, 1);
    model.members -= 1;
    await member.worker.stop();
    await member.proxy.stop();
  });
const freeze = (place: number) => withMember('freeze', place, async ({ proxy }) => proxy.freeze());
const thaw = (place: number) => withMember('thaw', place, async ({ proxy }) => proxy.thaw());
const cut = (place: number) => withMember('cut off', place, async ({ proxy }) => proxy.cut());

const destroyGroup = command(
  'destroy a group by hand',
  () => true,
  async (_, { keys }) => {
    // There may be no stream yet.
    await redis.xgroup('DESTROY', keys.stream(0, 'inbound'), 'graph').catch(() => undefined);
  },
);
const pass = (ms: number) =>
  command(
    `let ${ms} ms pass`,
    () => true,
    async () => {
      const from = Date.now();
      await eventually(() => Date.now() - from >= ms);
    },
  );

const places = fc.nat({ max: 2 });
const commands = fc.commands(
  [
    fc
      .tuple(fc.constantFrom(...sessions), fc.integer({ min: 1, max: 15 }))
      .map(([to, count]) => publish(to, count)),
    fc.constant(start),
    places.map(stop),
    places.map(freeze),
    places.map(thaw),
    places.map(cut),
    fc.constant(destroyGroup),
    fc.constantFrom(20, 400).map(pass),
  ],
  { maxCommands: 25, size: 'max' },
);

async function settle(model: Model, real: Real): Promise<void> {
  const { keys } = real;
  for (const { proxy } of real.members) proxy.thaw();
  await startMember(real);
  await eventually(
    async () =>
      (await Promise.all(partitions.map((partition) => redis.hlen(keys.accepted(partition))))).join() ===
      '0,0',
    { withinMs: 8_000, what: 'every accepted entry has an outcome' },
  );
  for (const partition of partitions) {
    await eventually(async () => (await redis.xpending(keys.stream(partition, 'inbound'), 'graph'))[0] === 0);
    expect(await redis.exists(keys.stream(partition, 'dead'))).toBe(0);
  }
  for (const [session, facts] of model.facts) {
    const key = keys.session(partitionOf(session, partitions.length), session);
    expect(await redis.lrange(key, 0, -1), session).toEqual(facts);
  }
}

it('commits every fact once and in order, whatever happens to members, connections and groups', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (given) => {
      const prefix = uniquePrefix('model');
      const keys = createKeys(prefix);
      const publisher = createPublisher({ redis, keys, partitions: partitions.length });
      const model: Model = { facts: new Map(), members: 0 };
      const real: Real = { prefix, keys, publisher, members: [], started: 0 };
      try {
        await fc.asyncModelRun(() => ({ model, real }), given);
        await settle(model, real);
      } finally {
        for (const { proxy } of real.members) proxy.thaw();
        await Promise.all(real.members.map(({ worker }) => worker.stop()));
        await Promise.all(real.members.map(({ proxy }) => proxy.stop()));
      }
    }),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 20), endOnFailure: true },
  );
}, 300_000);
