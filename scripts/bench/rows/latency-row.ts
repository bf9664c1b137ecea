import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEntry } from '#contract/entry';
import { formatSessionId } from '#contract/session-id';
import type { Transport } from '#streams/open-transport';
import { Person } from '../../chat/person.ts';
import { readPeople } from '../../up/people.ts';
import { type ProvidedHomeserver, provideHomeserver } from '../../up/provide-homeserver.ts';
import { quantile } from '../median.ts';
import { messageOf } from '../message-of.ts';
import type { Goal, Result, Row } from '../row.ts';
import { spawnService } from '../spawn-service.ts';
import { startSendProxy } from '../start-send-proxy.ts';

const everyMs = 10;
const rooms = 20;
const warmUp = 300;
const counted = 600;
const withinMs = 20_000;

export const latencyRow: Row = {
  name: 'latency',
  measures:
    '100 messages a second in 20 rooms through a worker and an egress process: from accepting a message to its reply in the outbound stream, by Redis’ clock (in whole ms), and from before publishing it to the arrival of the PUT at a proxy before the embedded homeserver, which runs in this process',
  run: async (bench) => {
    const folder = join(bench.folder, 'latency');
    const home = await provideHomeserver({}, folder, bench.log);
    await using _ = { [Symbol.asyncDispose]: () => home.stop() };
    const sentAt = new Map<string, number>();
    await using proxy = await startSendProxy(home.url, (turn, at) => {
      if (!sentAt.has(turn)) sentAt.set(turn, at);
    });
    const prefix = bench.newPrefix();
    const environment = {
      ...bench.environment(prefix),
      ...home.environment,
      MATRIX_HOMESERVER: proxy.url,
    };
    const sessions = await openRooms(home, join(folder, 'homeserver'));
    await using transport = await bench.transport(prefix);
    await using services = new AsyncDisposableStack();
    for (const role of ['worker', 'egress'] as const) services.use(await spawnService(role, environment));
    const publishedAt = await talk(transport, sessions, sentAt);
    const turns = [...publishedAt].slice(warmUp);
    const puts = turns.map(([turn, at]) => (sentAt.get(turn) ?? Number.NaN) - at);
    const replies = await replyDelays(transport, new Set(turns.map(([turn]) => turn)));
    const goals: Goals = [
      { wants: 'below', goal: 10, stretch: 5 },
      { wants: 'below', goal: 50, stretch: 25 },
    ];
    return [
      ...lines('message to reply in its stream', replies),
      ...lines('message to PUT issued', puts, goals),
    ];
  },
};

/** One room and session for each number, with the bot in it. */
async function openRooms(home: ProvidedHomeserver, folder: string): Promise<string[]> {
  const people = await readPeople(folder);
  if (people === undefined || home.household === undefined)
    throw new TypeError('The embedded homeserver has people of its own');
  const [you, bot] = await Promise.all(
    [people.you, people.bot].map(({ name, password }) => Person.signIn(home.url, name, password)),
  );
  if (you === undefined || bot === undefined) throw new TypeError('Two people were asked for');
  const sessions: string[] = [];
  for (let i = 0; i < rooms; i++) {
    const room = await you.createRoom({ preset: 'trusted_private_chat', invite: [bot.userId] });
    await bot.join(room);
    sessions.push(formatSessionId({ room, thread: null, user: you.userId }));
  }
  return sessions;
}

/** Publishes at an even pace and waits until each message was answered. Resolves to when each was published. */
async function talk(
  { publisher }: Transport,
  sessions: readonly string[],
  answered: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const publishedAt = new Map<string, number>();
  const publishing: Promise<unknown>[] = [];
  const startedAt = performance.now();
  for (let number = 0; number < warmUp + counted; number++) {
    const entry = messageOf(number, sessions[number % sessions.length] ?? '');
    await sleep(Math.max(0, startedAt + number * everyMs - performance.now()));
    publishedAt.set(entry.id, performance.now());
    publishing.push(publisher.publish('inbound', entry));
  }
  await Promise.all(publishing);
  const deadline = performance.now() + withinMs;
  while (answered.size < publishedAt.size) {
    if (performance.now() > deadline)
      throw new Error(`${publishedAt.size - answered.size} messages were not answered in ${withinMs} ms`);
    await sleep(20);
  }
  return publishedAt;
}

/** Milliseconds from a message's entry to its reply's, as their ids say. */
async function replyDelays(
  { redis, keys, partitions }: Transport,
  turns: ReadonlySet<string>,
): Promise<number[]> {
  const delays: number[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const accepted = new Map<string, number>();
    for (const [id, fields] of await redis.xrange(keys.stream(partition, 'inbound'), '-', '+')) {
      const decoded = decodeEntry(fields);
      if (decoded.ok) accepted.set(decoded.entry.id, Number.parseInt(id, 10));
    }
    for (const [id, fields] of await redis.xrange(keys.stream(partition, 'outbound'), '-', '+')) {
      const decoded = decodeEntry(fields);
      if (!decoded.ok || decoded.entry.type !== 'reply.finished') continue;
      const { turn = '' } = decoded.entry;
      if (turns.has(turn)) delays.push(Number.parseInt(id, 10) - (accepted.get(turn) ?? Number.NaN));
    }
  }
  return delays;
}

type Goals = readonly [p50: Goal, p99: Goal];

function lines(what: string, delays: readonly number[], goals?: Goals): Result[] {
  const line = (name: string, part: number, goal: Goal | undefined): Result => {
    const value = quantile(delays, part);
    const common = {
      what: `${what}, ${name}`,
      ours: `${value.toFixed(1)} ms`,
      comparedWith: '',
      value,
      unit: ' ms',
    };
    return goal === undefined ? common : { ...common, goal };
  };
  return [line('p50', 0.5, goals?.[0]), line('p99', 0.99, goals?.[1])];
}
