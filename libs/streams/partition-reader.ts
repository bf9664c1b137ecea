import type { StreamName } from '#contract/bodies';
import type { Group, Keys } from '#contract/keys';
import { FencedError, RedisSetupError } from './errors.ts';
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

const readScript = loadScript(new URL('read.lua', import.meta.url));
const takeScript = loadScript(new URL('take.lua', import.meta.url));
const reconcileScript = loadScript(new URL('reconcile.lua', import.meta.url));

export interface NewEntries {
  readonly found: readonly Found[];
  /** For each stream whose end was reached: the id behind which news will come. */
  readonly ends: ReadonlyMap<StreamName, string>;
  readonly groupsCreated: number;
}

/** Reads what is new in all streams of a partition; throws `FencedError` when the lease has moved. */
export async function readNew(
  deps: ReaderDeps,
  partition: number,
  epoch: number,
  count: number,
): Promise<NewEntries> {
  const { redis, keys, group, member, streams, maxEntryBytes } = deps;
  const touched = [keys.lease(partition, group), keys.accepted(partition)];
  const sources = streams.map((stream) => keys.stream(partition, stream));
  const args = [member, epoch, group, count, maxEntryBytes];
  const reply = await runScript(redis, readScript, [...touched, ...sources], args);
  // The script's own return value, see its header.
  const [isHeld, results] = reply as [number, [state: number, end: string, entries: RawEntry[]][]];
  if (isHeld === 0) throw new FencedError(partition);
  const found: Found[] = [];
  const ends = new Map<StreamName, string>();
  let groupsCreated = 0;
  for (const [index, stream] of streams.entries()) {
    const [state, end, entries] = results[index] ?? [0, '', []];
    if (state === 2) throw wrongType(keys.stream(partition, stream));
    if (state === 1) groupsCreated += 1;
    if (end !== '') ends.set(stream, end);
    const isLedgered = stream === 'inbound';
    for (const entry of entries) found.push(toFound(stream, entry, isLedgered && entry[2] === 0 ? 1 : 0));
  }
  return { found, ends, groupsCreated };
}

export interface TakenEntries {
  readonly found: readonly Found[];
  readonly lost: readonly Lost[];
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
    const reply = await runScript(redis, takeScript, touched, args);
    // The script's own return value, see its header.
    const [state, next, entries, gone] = reply as [number, string, RawEntry[], [string, string][]];
    if (state === 0) throw new FencedError(partition);
    if (state === 2) throw wrongType(key);
    for (const entry of entries) found.push(toFound(stream, entry, entry[2]));
    for (const [entryId, session] of gone) lost.push({ entryId, session });
    if (next === '0-0') return { found, lost };
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

function wrongType(key: string): RedisSetupError {
  return new RedisSetupError(
    `${key} is not a stream. Something else wrote this key: look with "TYPE ${key}", move it away with RENAME; ` +
      'the stream is created anew at once',
  );
}
