import type { StreamName } from '#contract/bodies';
import type { Group, Keys } from '#contract/keys';
import { failpoint } from '#runtime/failpoint';
import { FencedError } from './errors.ts';
import type { RedisClient } from './redis-client.ts';
import { loadScript, runScript } from './script.ts';

/** An entry as it came from Redis, not yet decoded. */
export interface Found {
  readonly stream: StreamName;
  readonly entryId: string;
  /** Undefined where the entry is larger than allowed: then `bytes` says how large. */
  readonly fields: readonly string[] | undefined;
  readonly bytes: number;
  /** Attempts that were begun or may have been. 0 for an entry that nobody else can have seen. */
  readonly deliveries: number;
}

/** An entry that was deleted from its stream before it was finished. */
export interface Lost {
  readonly entryId: string;
  readonly session: string;
}

export interface ReaderDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly group: Group;
  readonly member: string;
  readonly streams: readonly StreamName[];
  readonly maxEntryBytes: number;
}

type RawEntry = [id: string, fieldsOrBytes: string[] | number, note: number];

/** What take.lua returns, see its header. */
type TakeReply =
  | [state: 0 | 2]
  | [state: 1, cursor: string, entries: RawEntry[], lost: [id: string, session: string][], position: string];

const readScript = loadScript(new URL('read.lua', import.meta.url));
const takeScript = loadScript(new URL('take.lua', import.meta.url));
const reconcileScript = loadScript(new URL('reconcile.lua', import.meta.url));

/** How far each stream of a partition has been delivered, as far as this reader knows. */
export type Positions = ReadonlyMap<StreamName, string>;

export interface NewEntries {
  readonly found: readonly Found[];
  /** For each stream that could be read. */
  readonly positions: Positions;
  /** Those of them in which more may wait. */
  readonly unfinished: readonly StreamName[];
  /** Streams whose key holds something else. */
  readonly blocked: readonly StreamName[];
  /** True when entries were delivered that this reader has never seen: take over before reading on. */
  readonly isBehind: boolean;
  /** Entries that were pending right after this read. */
  readonly pending: number;
  readonly groupsCreated: number;
}

/**
 * Reads what is new in all streams of a partition, behind `positions`; throws `FencedError` when the lease has
 * moved.
 */
export async function readNew(
  deps: ReaderDeps,
  partition: number,
  epoch: number,
  positions: Positions,
  count: number,
): Promise<NewEntries> {
  const { redis, keys, group, member, streams, maxEntryBytes } = deps;
  const touched = [keys.lease(partition, group), keys.accepted(partition)];
  const sources = streams.map((stream) => keys.stream(partition, stream));
  const known = streams.map((stream) => positions.get(stream) ?? '0-0');
  const args = [member, epoch, group, count, maxEntryBytes, ...known];
  const reply = await runScript(redis, readScript, [...touched, ...sources], args);
  // The script's own return value, see its header.
  const [isHeld, results] = reply as [number, [state: number, entries: RawEntry[], pending: number][]];
  if (isHeld === 0) throw new FencedError(partition);
  const found: Found[] = [];
  const reached = new Map<StreamName, string>();
  for (const [index, stream] of streams.entries()) {
    const [state, entries] = results[index] ?? [0, [], 0];
    if (state !== 2)
      reached.set(stream, entries.at(-1)?.[0] ?? (state === 1 ? '0-0' : (known[index] ?? '0-0')));
    const isLedgered = stream === 'inbound';
    for (const entry of entries) found.push(toFound(stream, entry, isLedgered && entry[2] === 0 ? 1 : 0));
  }
  const inState = (wanted: number) => streams.filter((_, index) => results[index]?.[0] === wanted);
  return {
    found,
    positions: reached,
    unfinished: streams.filter((_, index) => (results[index]?.[1].length ?? 0) >= count),
    blocked: inState(2),
    isBehind: inState(3).length > 0,
    pending: results.reduce((sum, [, , pending]) => sum + pending, 0),
    groupsCreated: inState(1).length,
  };
}

export interface TakenEntries {
  readonly found: readonly Found[];
  readonly lost: readonly Lost[];
  /** The last entry that was delivered; undefined where the key holds something else than a stream. */
  readonly position: string | undefined;
}

/** Takes over all that is pending in one stream of a partition, in order; throws `FencedError`. */
export async function takePending(
  deps: ReaderDeps,
  partition: number,
  epoch: number,
  stream: StreamName,
): Promise<TakenEntries> {
  const { redis, keys, group, member, maxEntryBytes } = deps;
  const key = keys.stream(partition, stream);
  const touched = [
    keys.lease(partition, group),
    key,
    keys.accepted(partition),
    keys.stream(partition, 'dead'),
  ];
  const found: Found[] = [];
  const lost: Lost[] = [];
  for (let cursor = '0-0'; ; ) {
    const args = [member, epoch, group, cursor, 100, maxEntryBytes];
    const reply = (await runScript(redis, takeScript, touched, args)) as TakeReply;
    if (reply.length === 1) {
      if (reply[0] === 0) throw new FencedError(partition);
      return { found, lost, position: undefined };
    }
    const [, next, entries, gone, position] = reply;
    for (const entry of entries) found.push(toFound(stream, entry, entry[2]));
    for (const [entryId, session] of gone) lost.push({ entryId, session });
    if (entries.length > 0) await failpoint('streams.mid-take');
    if (next === '0-0') return { found, lost, position };
    cursor = next;
  }
}

/** Makes accepted inbound entries pending again that the group dropped; tells which are lost. See reconcile.lua. */
export async function reconcileAccepted(
  deps: ReaderDeps,
  partition: number,
  epoch: number,
): Promise<{ restored: number; lost: readonly Lost[] }> {
  const { redis, keys, group, member } = deps;
  const touched = [
    keys.lease(partition, group),
    keys.stream(partition, 'inbound'),
    keys.accepted(partition),
    keys.stream(partition, 'dead'),
  ];
  const lost: Lost[] = [];
  let restored = 0;
  let cursor = '0';
  do {
    const reply = await runScript(redis, reconcileScript, touched, [member, epoch, group, cursor]);
    // The script's own return value, see its header.
    const [isHeld, next, again, gone] = reply as [number, string, number, [string, string][]];
    if (isHeld === 0) throw new FencedError(partition);
    restored += again;
    for (const [entryId, session] of gone) lost.push({ entryId, session });
    cursor = next;
  } while (cursor !== '0');
  return { restored, lost };
}

function toFound(stream: StreamName, [entryId, content, _]: RawEntry, deliveries: number): Found {
  if (typeof content === 'number') return { stream, entryId, fields: undefined, bytes: content, deliveries };
  return { stream, entryId, fields: content, bytes: 0, deliveries };
}
