import { partitionOf } from '#contract/partition-of';
import type { Transport } from '#streams/open-transport';
import { readEntry } from '#streams/read-entry';
import { redisErrorCode } from '#streams/script';
import type { LiveEvent } from '../api/live.ts';
import { compareIds, formatCursor, liveStreams, nearest, type Positions, parseCursor } from './cursor.ts';
import type { RawEntry } from './merge-pages.ts';
import { readNow } from './read-now.ts';
import { type Fields, fieldOf, toLiveEvent } from './to-live-event.ts';

interface Place {
  readonly stream: number;
  readonly id: string;
}

interface Kept extends Place {
  readonly fields: Fields;
}

interface Scan {
  /** Newest first. */
  readonly kept: readonly Kept[];
  /** What is older was not looked at; undefined where everything was. */
  readonly lookedUntil: string | undefined;
}

const pageSize = 500;
/** Of one stream: a session that was quiet for that long shows what is within. */
const mostScanned = 20_000;
const lowest = '0-0';

/**
 * What the streams still keep of a session, oldest first: the newest `limit` events, or those before `before` (the id of
 * the oldest event in hand). A draft that a later text has replaced is left out.
 *
 * @returns also the cursor behind the last of them, or of now: whoever follows from there misses nothing; and `older`, the
 * `before` that goes on from here, null where nothing older is kept. A page may be empty and yet not be the last: of a busy
 * partition only so much is looked through at once.
 * @throws {RangeError} for a `before` that is no cursor.
 */
export async function readEvents(
  transport: Transport,
  session: string,
  { before, limit }: { readonly before?: string; readonly limit: number },
): Promise<{ events: LiveEvent[]; cursor: string; older: string | null }> {
  const { partitions } = transport;
  const partition = partitionOf(session, partitions);
  const end = before === undefined ? undefined : parseCursor(before);
  const now = await readNow(transport, partition);
  const scans = await Promise.all(
    liveStreams.map((_, stream) => scanBack(transport, partition, stream, session, end ?? now, limit)),
  );
  const own = end === undefined ? undefined : lastOf(end);
  // Behind the end of the shortest scan nobody knows what is missing.
  const floor = scans.reduce((high, { lookedUntil = lowest }) => later(high, lookedUntil), lowest);
  const found = scans
    .flatMap((scan) => scan.kept)
    .filter((one) => compareIds(one.id, floor) >= 0 && !(own && isSame(one, own)))
    .sort((a, b) => compareIds(a.id, b.id) || a.stream - b.stream);
  const kept = found.slice(-limit);
  const events = kept.map((one) => {
    const id = formatCursor(nearest(behind(one), now));
    const decoded = readEntry(transport, partition, liveStreams[one.stream] ?? 'inbound', one.fields);
    return toLiveEvent(decoded, one.fields, id);
  });
  const isWhole = scans.every(({ lookedUntil }) => lookedUntil === undefined);
  const rest = isWhole ? null : formatCursor([justBefore(floor), justBefore(floor), floor]);
  const older = found.length > kept.length ? (events[0]?.id ?? rest) : rest;
  return { events, cursor: before === undefined ? formatCursor(now) : before, older };
}

/** The newest entries of a session in one stream, up to `end`. */
async function scanBack(
  { redis, keys }: Transport,
  partition: number,
  stream: number,
  session: string,
  end: Positions,
  limit: number,
): Promise<Scan> {
  const name = liveStreams[stream] ?? 'inbound';
  const key = keys.stream(partition, name);
  const kept: Kept[] = [];
  const texts = new Set<string>();
  let from = end[stream] ?? lowest;
  for (let scanned = 0; scanned < mostScanned; ) {
    const page = await readBack(() => redis.xrevrange(key, from, '-', 'COUNT', pageSize));
    for (const [id, fields] of page) {
      if (fieldOf(fields, 'session') !== session || isReplaced(fields, texts)) continue;
      kept.push({ stream, id, fields });
    }
    const oldest = page.at(-1)?.[0];
    if (oldest === undefined || page.length < pageSize) return { kept, lookedUntil: undefined };
    if (kept.length > limit) return { kept, lookedUntil: oldest };
    scanned += page.length;
    from = `(${oldest}`;
  }
  return { kept, lookedUntil: from.slice(1) };
}

/** True for a draft when a newer text of its turn was seen; remembers the turn of this one. */
function isReplaced(fields: Fields, texts: Set<string>): boolean {
  const type = fieldOf(fields, 'type');
  if (type !== 'reply.drafted' && type !== 'reply.finished') return false;
  const turn = fieldOf(fields, 'turn');
  const isOlder = texts.has(turn);
  texts.add(turn);
  return isOlder && type === 'reply.drafted';
}

async function readBack(read: () => Promise<RawEntry[]>): Promise<RawEntry[]> {
  try {
    return await read();
  } catch (error) {
    if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
    return [];
  }
}

/**
 * Where somebody is who has seen this entry and all before it, in the order of events: by id, and by stream where ids are
 * the same. Ids need not exist to be a position.
 */
function behind({ stream, id }: Place): Positions {
  const at = (other: number) => (other <= stream ? id : justBefore(id));
  return [at(0), at(1), at(2)];
}

/** The entry that a cursor stands behind: the newest, and of the same ids the last in order. */
function lastOf(positions: Positions): Place {
  return positions.reduce<Place>(
    (last, id, stream) => (compareIds(id, last.id) >= 0 ? { stream, id } : last),
    { stream: 0, id: lowest },
  );
}

function justBefore(id: string): string {
  const [ms = '0', sequence = '0'] = id.split('-', 2);
  if (sequence !== '0') return `${ms}-${BigInt(sequence) - 1n}`;
  return ms === '0' ? lowest : `${BigInt(ms) - 1n}-${'18446744073709551615'}`;
}

function isSame(a: Place, b: Place): boolean {
  return a.stream === b.stream && a.id === b.id;
}

function later(a: string, b: string): string {
  return compareIds(a, b) >= 0 ? a : b;
}
