import pino from 'pino';
import type { Body, EntryType, StreamName } from '#contract/bodies';
import type { Entry } from '#contract/entry';
import { createMetrics } from '#runtime/create-metrics';
import type { RedisConnection } from '#runtime/redis-settings';
import { openTransport, type Transport } from '#streams/open-transport';
import type { LiveEvent } from '../../services/gateway/api/live.ts';
import type { Feed, Follower, Following } from '../../services/gateway/live/feed.ts';
import { openFeed } from '../../services/gateway/live/open-feed.ts';
import { uniquePrefix } from './unique-prefix.ts';

export interface LiveStage extends AsyncDisposable {
  readonly transport: Transport;
  readonly feed: Feed;
  /** Of its keys. */
  readonly prefix: string;
  /** How many bodies were opened so far. */
  opened(): number;
  /** Appends an entry of its own fact. */
  append<T extends EntryType>(
    stream: StreamName,
    type: T,
    session: string,
    body: Body<T>,
    turn?: string,
  ): Promise<string>;
  reply(session: string, text: string): Promise<string>;
}

/** A feed on a real Redis, and a publisher beside it. */
export async function openLiveStage(
  connection: RedisConnection,
  options: { partitions?: number; payloadKey?: string; prefix?: string } = {},
): Promise<LiveStage> {
  const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const ended = new AbortController();
  const keyPrefix = options.prefix ?? uniquePrefix('live');
  const { partitions = 4, payloadKey: key } = options;
  const transport = await openTransport(
    { redis: { connection, keyPrefix, partitions }, payload: { key } },
    { name: 'live', slot: 'live', log, signal: ended.signal },
  );
  let opened = 0;
  const openBody = (sealed: string): string => {
    opened += 1;
    return transport.openBody(sealed);
  };
  const metrics = createMetrics({ service: 'live' });
  const feed = await openFeed({
    transport: { ...transport, openBody },
    log,
    metrics,
    signal: ended.signal,
  });
  let facts = 0;
  const append: LiveStage['append'] = async (stream, type, session, body, turn = '$turn') => {
    facts += 1;
    const entry = { type, id: `fact-${facts}`, session, turn, at: new Date().toISOString(), body };
    // Type and body belong together by the signature.
    return (await transport.publisher.publish(stream, entry as Entry)).entryId;
  };
  return {
    transport,
    feed,
    prefix: keyPrefix,
    opened: () => opened,
    append,
    reply: (session, text) =>
      append('outbound', 'reply.finished', session, { reply: '$turn', text, replyTo: null, revision: 0 }),
    [Symbol.asyncDispose]: async () => {
      await feed[Symbol.asyncDispose]();
      ended.abort();
      await transport.close();
    },
  };
}

export interface Seen extends Follower {
  readonly events: LiveEvent[];
  readonly reachable: boolean[];
  /** What was said in replies, in order. */
  texts(): string[];
}

/** A follower that keeps what it is told. */
export function keepEvents(): Seen {
  const events: LiveEvent[] = [];
  const reachable: boolean[] = [];
  return {
    events,
    reachable,
    texts: () => events.flatMap((event) => (event.event === 'reply' ? [event.text] : [])),
    onEvent: (event) => void events.push(event),
    onReachable: (isReachable) => void reachable.push(isReachable),
  };
}

/** Follows, and waits until it is live. */
export async function followNow(
  feed: Feed,
  session: string,
  after: string | null = null,
): Promise<{ seen: Seen; following: Following }> {
  const seen = keepEvents();
  const following = feed.follow(session, after, seen);
  await following.caughtUp;
  return { seen, following };
}
