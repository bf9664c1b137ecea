import { setTimeout as sleep } from 'node:timers/promises';
import { partitionOf } from '#contract/partition-of';
import type { Transport } from '#streams/open-transport';
import type { Bench } from '../bench.ts';
import { interleave, ratioOf } from '../interleave.ts';
import { median } from '../median.ts';
import { sessionOf } from '../message-of.ts';
import { publishBacklog } from '../publish-backlog.ts';
import type { Row } from '../row.ts';
import { spawnService } from '../spawn-service.ts';

const sessionsPerPartition = 2;
/** Of each process, before anything counts: a worker is slower while its code is being compiled. */
const warmTurns = 2_000;

export const workersRow: Row = {
  name: 'workers',
  measures:
    'worker processes on this machine, two sessions in each partition, from the first publish to the last commit; Redis and the load generator take their part of the same cores',
  run: async (bench) => {
    await using one = await startWorkers(bench, 1);
    await using two = await startWorkers(bench, 2);
    const { turns, rounds } = bench.options;
    await drain(one.transport, warmTurns);
    await drain(two.transport, 2 * warmTurns);
    const rates = await interleave(rounds, {
      two: () => drain(two.transport, turns),
      one: () => drain(one.transport, turns),
    });
    return [
      {
        what: '2 workers / 1 worker',
        ours: `${Math.round(median(rates.two))} turns/s`,
        comparedWith: `1 worker, ${Math.round(median(rates.one))} turns/s`,
        value: ratioOf(rates.two, rates.one),
        goal: { wants: 'above', goal: 1.6 },
      },
    ];
  },
};

async function startWorkers(bench: Bench, count: number) {
  const prefix = bench.newPrefix();
  const stack = new AsyncDisposableStack();
  const transport = stack.use(await bench.transport(prefix));
  for (let i = 0; i < count; i++) {
    stack.use(await spawnService('worker', { ...bench.environment(prefix), SLOT: `worker-${i}` }));
  }
  await untilShared(transport, count);
  return { transport, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Until each of the workers holds its share of the partitions. */
async function untilShared({ redis, keys, partitions }: Transport, count: number): Promise<void> {
  for (;;) {
    const owners = await each(partitions, (p) => redis.hget(keys.lease(p, 'graph'), 'owner'));
    const shares = Map.groupBy(owners, (owner) => owner);
    const isShared = shares.size === count && !shares.has(null);
    if (isShared && [...shares.values()].every(({ length }) => length >= Math.floor(partitions / count)))
      return;
    await sleep(50);
  }
}

let published = 0;

async function drain(transport: Transport, turns: number): Promise<number> {
  const { redis, keys, partitions } = transport;
  const sessions = evenSessions(partitions);
  const startedAt = performance.now();
  await publishBacklog(transport, turns, sessions, published);
  published += turns;
  // Nothing is added any more: whoever is done stays done, and asking costs the cores that are measured.
  for (let partition = 0; partition < partitions; partition++) {
    while ((await redis.hlen(keys.accepted(partition))) > 0) await sleep(10);
  }
  return turns / ((performance.now() - startedAt) / 1000);
}

/** As many sessions in each partition: how evenly few of them fall by chance is not what is measured. */
function evenSessions(partitions: number): string[] {
  const found = Array.from({ length: partitions }, (): string[] => []);
  for (let number = 0; found.some((some) => some.length < sessionsPerPartition); number++) {
    const session = sessionOf(number);
    const some = found[partitionOf(session, partitions)];
    if (some !== undefined && some.length < sessionsPerPartition) some.push(session);
  }
  return found.flat();
}

function each<T>(partitions: number, ask: (partition: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: partitions }, (_, partition) => ask(partition)));
}
