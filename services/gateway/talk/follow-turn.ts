import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { partitionOf } from '#contract/partition-of';
import type { Transport } from '#streams/open-transport';
import { streamFrame } from '../live/create-frames.ts';
import type { View } from '../live/create-view.ts';
import { covers, parseCursor } from '../live/cursor.ts';
import type { EventStream } from '../live/event-stream.ts';
import type { Feed } from '../live/feed.ts';
import type { Pacer } from '../live/pacer.ts';
import { startPump } from '../live/pump.ts';
import { readNow } from '../live/read-now.ts';
import { readFate } from './admit-message.ts';
import { type Chunk, chunkOf } from './chunk-of.ts';

export interface FollowTurnDeps {
  readonly transport: Transport;
  readonly feed: Feed;
  readonly pacer: Pacer;
  readonly log: Logger;
}

export interface FollowedTurn {
  readonly session: string;
  readonly turn: string;
  /** Begun just now: nobody looks for its outcome before there is news of it. */
  readonly isNew: boolean;
  /** Behind which cursor its events are. */
  readonly after: string | null;
  readonly view: View;
}

/** A turn that says nothing is looked after as often as this. */
const lookEveryMs = 1_000;
const catchUpMs = 5_000;
/** How far the streams were read is looked at in growing steps up to this. */
const longestLookMs = 10;

/**
 * Tells a turn's events as they come, until the ledger knows its outcome and everything of it was told. Ends without a word
 * when the stream is closed: the turn goes on, and can be followed again.
 */
export async function followTurn(
  { transport, feed, pacer, log }: FollowTurnDeps,
  { session, turn, isNew, after, view }: FollowedTurn,
  stream: EventStream,
): Promise<void> {
  const news = createNews();
  const told = new Set<Chunk['name']>();
  const tell = (name: Chunk['name'], id: string | undefined, data: Chunk['data']) => {
    told.add(name);
    stream.write(streamFrame(name, id, data));
  };
  const pump = startPump({
    feed,
    session,
    after,
    view,
    pacer,
    outlet: {
      buffered: stream.buffered,
      event: (event) => {
        const chunk = event.turn === turn ? chunkOf(event) : undefined;
        if (chunk === undefined) return;
        tell(chunk.name, event.id, chunk.data);
        if (chunk.isLast) news.fire();
      },
      delayed: () => stream.comment('delayed'),
      current: (cursor) => stream.comment('current', cursor),
      tooSlow: () => stream.close('slow_reader'),
    },
  });
  try {
    if (isNew) await news.within(lookEveryMs, stream.closed);
    const fate = await awaitFate(transport, session, turn, news, stream, log);
    if (fate === undefined) return;
    await untilAllRead(transport, session, pump.cursor, stream);
    if (fate === 'lost' || (fate === 'failed' && !told.has('error'))) {
      const detail = 'This message was set aside for a person to look at. It will not be answered by itself';
      tell('error', pump.cursor(), { turn, detail });
    }
    tell('done', pump.cursor(), { turn, outcome: fate });
  } finally {
    pump.stop();
    stream.end();
  }
}

/** How the turn ended, in a word; undefined when the stream was closed before. */
async function awaitFate(
  transport: Transport,
  session: string,
  turn: string,
  news: ReturnType<typeof createNews>,
  stream: EventStream,
  log: Logger,
): Promise<string | undefined> {
  while (!stream.closed.aborted) {
    try {
      const fate = await readFate(transport, session, turn);
      if (fate === null) return 'lost';
      if (fate.startsWith('done')) return fate.slice('done:'.length) || 'done';
      if (fate === 'dead') return 'failed';
    } catch (error) {
      log.debug({ err: error }, 'The outcome of a turn cannot be read, trying again');
    }
    await news.within(lookEveryMs, stream.closed);
  }
  return undefined;
}

/** A commit is written at once: what of it is in the streams has been told when they were read up to now. */
async function untilAllRead(
  transport: Transport,
  session: string,
  cursor: () => string | undefined,
  stream: EventStream,
): Promise<void> {
  const deadline = performance.now() + catchUpMs;
  const target = await readNow(transport, partitionOf(session, transport.partitions)).catch(() => undefined);
  for (let waitMs = 1; target !== undefined; waitMs = Math.min(2 * waitMs, longestLookMs)) {
    const at = cursor();
    const isThere = at !== undefined && covers(parseCursor(at), target);
    if (isThere || performance.now() >= deadline || stream.closed.aborted) return;
    await sleep(waitMs);
  }
}

/** Wakes whoever waits, once for each firing. */
function createNews() {
  let wake = new AbortController();
  return {
    fire: () => wake.abort(),
    within: async (ms: number, over: AbortSignal): Promise<void> => {
      await sleep(ms, undefined, { signal: AbortSignal.any([wake.signal, over]) }).catch(() => undefined);
      wake = new AbortController();
    },
  };
}
