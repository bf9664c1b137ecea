import type { Logger } from 'pino';
import { partitionOf } from '#contract/partition-of';
import type { Metrics } from '#runtime/create-metrics';
import type { Transport } from '#streams/open-transport';
import { readEntry } from '#streams/read-entry';
import { createTurns } from './create-turns.ts';
import { formatCursor, liveStreams, type Positions } from './cursor.ts';
import type { Feed, Follower, Following } from './feed.ts';
import { Lane, type LaneDeps } from './lane.ts';
import type { Found } from './merge-pages.ts';
import { pastCursor } from './past-cursor.ts';
import { readNow } from './read-now.ts';
import { StreamReader } from './stream-reader.ts';
import { fieldOf, toLiveEvent } from './to-live-event.ts';

export interface FeedDeps {
  readonly transport: Transport;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Aborted, it ends like a disposed one. */
  readonly signal: AbortSignal;
}

const sweepMs = 10_000;
const mostCatchingUp = 4;

/**
 * Opens a feed. It connects when somebody follows: one connection for all partitions, or one for each on Cluster.
 * Nothing of it throws because Redis is away; followers are told, and get everything afterwards.
 */
export async function openFeed({ transport, log, metrics, signal }: FeedDeps): Promise<Feed> {
  const ended = new AbortController();
  const over = AbortSignal.any([signal, ended.signal]);
  const followers = new Set<{ readonly follower: Follower }>();
  const counters = openCounters(metrics, () => followers.size);
  let isReachable = true;
  const onReachable = (now: boolean) => {
    if (over.aborted || now === isReachable) return;
    isReachable = now;
    log.warn({ isReachable }, now ? 'The live streams are read again' : 'The live streams cannot be read');
    for (const { follower } of followers) follower.onReachable(now);
  };
  const lanes = new Map<number, Lane>();
  const laneDeps: LaneDeps = {
    ...transport,
    toEvent: ({ stream, fields, positions }: Found) => {
      counters.read.inc();
      // What stands in another partition than its session's was not signed for it.
      const partition = partitionOf(fieldOf(fields, 'session'), transport.partitions);
      const decoded = readEntry(transport, partition, liveStreams[stream] ?? 'inbound', fields);
      return toLiveEvent(decoded, fields, formatCursor(positions));
    },
    inTurn: createTurns(mostCatchingUp),
    readerOf: createReaders({ transport, log, signal: over, onReachable }),
    onReachable,
    log,
    signal: over,
  };
  const laneOf = (partition: number): Lane => {
    const lane = lanes.get(partition) ?? new Lane(laneDeps, partition);
    lanes.set(partition, lane);
    return lane;
  };
  const sweep = setInterval(() => {
    for (const [partition, lane] of lanes) if (lane.closeIfEmpty()) lanes.delete(partition);
  }, sweepMs);
  over.addEventListener('abort', () => clearInterval(sweep), { once: true });

  const begin = (where: readonly number[], session: string | null, from: Positions | null, to: Follower) => {
    const known = { follower: to };
    followers.add(known);
    if (!isReachable) to.onReachable(false);
    const joining = where.map((partition) => laneOf(partition).follow(session, from, guarded(to, log)));
    return {
      caughtUp: Promise.all(joining.map(({ caughtUp }) => caughtUp)).then(() => undefined),
      cursor: () => (session === null ? undefined : joining[0]?.cursor()),
      stop: () => {
        followers.delete(known);
        for (const { stop } of joining) stop();
      },
    } satisfies Following;
  };
  return {
    follow: (session, after, follower) => {
      const from = after === null ? null : pastCursor(after);
      return begin([partitionOf(session, transport.partitions)], session, from, follower);
    },
    followAll: (follower) =>
      begin(
        Array.from({ length: transport.partitions }, (_, partition) => partition),
        null,
        null,
        follower,
      ),
    now: async (session) => {
      const partition = partitionOf(session, transport.partitions);
      return formatCursor(lanes.get(partition)?.positions ?? (await readNow(transport, partition)));
    },
    [Symbol.asyncDispose]: async () => ended.abort(),
  };
}

/** On Cluster a read that blocks stays within a hash slot. */
function createReaders({
  transport,
  ...deps
}: Pick<FeedDeps, 'transport' | 'log' | 'signal'> & {
  readonly onReachable: (isReachable: boolean) => void;
}): (partition: number) => StreamReader {
  const open = () =>
    new StreamReader({
      ...deps,
      connect: transport.connectBlocking,
      commands: transport.redis,
      keys: transport.keys,
    });
  const readers = new Map<number, StreamReader>();
  return (partition) => {
    const name = transport.redis.isCluster ? partition : 0;
    const reader = readers.get(name) ?? open();
    readers.set(name, reader);
    return reader;
  };
}

function openCounters(metrics: Metrics, followers: () => number) {
  metrics.gauge('gateway_followers', {
    help: 'Who follows conversations live: sockets, event streams, turns that are waited for.',
    collect: (gauge) => gauge.set(followers()),
  });
  const read = metrics.counter('gateway_live_events_total', {
    help: 'Events that were read for followers, each counted once however many follow.',
  });
  return { read };
}

/** One follower's mistake must not cost the others their events. */
function guarded(follower: Follower, log: Logger): Follower {
  return {
    onReachable: (isReachable) => follower.onReachable(isReachable),
    onEvent: (event) => {
      try {
        follower.onEvent(event);
      } catch (error) {
        log.error({ err: error }, 'A follower failed on an event');
      }
    },
  };
}
