import { z } from 'zod';
import type { Entry } from '#contract/entry';
import { fieldOf } from '#operations/dead-letters/dead-letter';
import { letterName } from '#operations/dead-letters/find-dead-letters';
import { entryTime } from '#operations/streams/entry-time';
import type { Transport } from '#streams/open-transport';
import { readEntry } from '#streams/read-entry';
import { findLetter } from './find-letter.ts';
import type { Subject } from './find-subject.ts';

/** What became of a turn that left no account. Times in milliseconds. */
export type Fate =
  /** It lies among the dead letters. */
  | {
      readonly kind: 'dead';
      readonly letter: string | null;
      readonly reason: string;
      readonly attempts: string;
      readonly type: string;
      readonly at: number | null;
      readonly appendedAt: number | null;
    }
  /** It waits in the stream, or a worker has it now. */
  | {
      readonly kind: 'waiting';
      readonly entry: string;
      readonly appendedAt: number;
      readonly type: string;
      readonly worker: string | null;
      readonly begun: number;
    }
  /** It has ended; the ledger says how, in a word. */
  | {
      readonly kind: 'done';
      readonly outcome: string;
      readonly type: string;
      readonly appendedAt: number | null;
    }
  /** The ledger does not know it (any more). */
  | { readonly kind: 'unknown' };

const pending = z.tuple([z.string(), z.string(), z.number(), z.number()]);

/** Asks the ledger of facts, and then wherever that points. */
export async function findFate(transport: Transport, { partition, turn }: Subject): Promise<Fate> {
  const { redis, keys } = transport;
  const ledger = await redis.get(keys.fact(partition, turn));
  if (ledger === null) return { kind: 'unknown' };
  if (ledger === 'dead') return deadOf(transport, partition, turn);
  if (/^\d+-\d+$/.test(ledger)) return waitingOf(transport, partition, ledger);
  const entry = await findEntry(transport, partition, turn);
  return {
    kind: 'done',
    outcome: ledger.replace(/^done:/, ''),
    type: entry?.entry.type ?? 'message.received',
    appendedAt: entry === undefined ? null : entryTime(entry.id),
  };
}

async function deadOf(transport: Transport, partition: number, turn: string): Promise<Fate> {
  const letter = await findLetter(transport, partition, turn);
  return {
    kind: 'dead',
    letter: letter === undefined ? null : letterName(letter),
    reason: letter?.reason ?? 'its letter was dropped, or lies under a thousand newer ones',
    attempts: letter?.attempts ?? '?',
    type: letter === undefined ? 'message.received' : (fieldOf(letter.original, 'type') ?? '?'),
    at: letter?.at ?? null,
    appendedAt: letter?.originalId === undefined ? null : entryTime(letter.originalId),
  };
}

async function waitingOf(transport: Transport, partition: number, entry: string): Promise<Fate> {
  const { redis, keys } = transport;
  const stream = keys.stream(partition, 'inbound');
  const [[, fields] = []] = await redis.xrange(stream, entry, entry);
  const decoded = fields === undefined ? undefined : readEntry(transport, partition, 'inbound', fields);
  const [held] = z
    .array(pending)
    .catch([])
    .parse(await readPending(redis, stream, entry));
  return {
    kind: 'waiting',
    entry,
    appendedAt: entryTime(entry),
    type: decoded?.ok === true ? decoded.entry.type : 'message.received',
    worker: held?.[1] ?? null,
    begun: held === undefined ? 0 : held[3],
  };
}

/** Empty where nobody has ever read the stream: then there is no group. */
async function readPending(redis: Transport['redis'], stream: string, entry: string): Promise<unknown> {
  try {
    return await redis.xpending(stream, 'graph', entry, entry, 1);
  } catch {
    return [];
  }
}

const pageSize = 500;
const mostPages = 10;

/** The newest inbound entry of a fact, among the newest five thousand of its partition; streams keep 24 hours. */
async function findEntry(
  transport: Transport,
  partition: number,
  turn: string,
): Promise<{ id: string; entry: Entry } | undefined> {
  const { redis, keys } = transport;
  let end = '+';
  for (let page = 0; page < mostPages; page++) {
    const found = await redis.xrevrange(keys.stream(partition, 'inbound'), end, '-', 'COUNT', pageSize);
    for (const [id, fields] of found) {
      const at = fields.indexOf('id');
      if (at % 2 !== 0 || fields[at + 1] !== turn) continue;
      const decoded = readEntry(transport, partition, 'inbound', fields);
      if (decoded.ok) return { id, entry: decoded.entry };
    }
    const last = found.at(-1);
    if (last === undefined || found.length < pageSize) return undefined;
    end = `(${last[0]}`;
  }
  return undefined;
}
