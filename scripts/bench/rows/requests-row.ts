import type { Command } from 'ioredis';
import type { RedisClient } from '#streams/redis-client';
import { messageOf, sessionOf } from '../message-of.ts';
import { publishBacklog } from '../publish-backlog.ts';
import type { Row } from '../row.ts';
import { startWorker } from '../start-worker.ts';

const sessions = 16;
const lone = 50;

export const requestsRow: Row = {
  name: 'requests',
  measures:
    'commands that the worker sends to Redis, on all of its connections, divided by turns; what a script does inside Redis is not counted, heartbeats are',
  run: async (bench) => {
    const prefix = bench.newPrefix();
    await using generator = await bench.transport(prefix);
    await using plain = await bench.transport(prefix);
    const counts = new Map<string, number>();
    const transport = {
      ...plain,
      redis: counted(plain.redis, counts),
      connectBlocking: () => counted(plain.connectBlocking(), counts),
    };
    const { turns } = bench.options;
    const worker = await startWorker(bench, transport, sessions);
    // Redis learns the scripts.
    await publishBacklog(generator, sessions, sessions);
    await worker.committed(sessions);
    counts.clear();
    await publishBacklog(generator, turns, sessions, sessions);
    await worker.committed(sessions + turns);
    const [busy, busyWhat] = perTurn(counts, turns);
    counts.clear();
    const before = sessions + turns;
    for (let i = 0; i < lone; i++) {
      await generator.publisher.publish('inbound', messageOf(before + i, sessionOf(i)));
      await worker.committed(before + i + 1);
    }
    const [idle, idleWhat] = perTurn(counts, lone);
    await worker.stop();
    const goal = { wants: 'below', goal: 3, stretch: 2 } as const;
    return [
      { what: 'Redis requests per turn, busy', ours: busyWhat, comparedWith: '', value: busy, goal },
      { what: 'Redis requests per turn, one at a time', ours: idleWhat, comparedWith: '', value: idle },
    ];
  },
};

/** Lets the client count what it sends, by command. */
function counted(client: RedisClient, counts: Map<string, number>): RedisClient {
  // Redis and Cluster differ in the rest of the arguments, which pass through as they are.
  const send = client.sendCommand as (command: Command, ...rest: unknown[]) => unknown;
  client.sendCommand = (command: Command, ...rest: unknown[]) => {
    const name = command.name.toLowerCase();
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return send.call(client, command, ...rest);
  };
  return client;
}

function perTurn(counts: ReadonlyMap<string, number>, turns: number): [number, string] {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const shown = sorted
    .map(([name, count]) => `${name} ${(count / turns).toFixed(2)}`)
    .filter((one) => !one.endsWith(' 0.00'));
  return [sorted.reduce((sum, [, count]) => sum + count, 0) / turns, shown.join(', ')];
}
