import type { Decoded } from '#contract/entry';
import type { LogFields } from '#runtime/log-context';
import { shortDigest } from '#runtime/short-digest';
import { parseTrace } from '#runtime/trace';
import type { ConsumerOptions } from './consumer-options.ts';
import type { Place } from './fence.ts';
import type { Found } from './partition-reader.ts';
import { readEntry } from './read-entry.ts';

/** A partition under one epoch of our lease. */
export interface Held {
  readonly partition: number;
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** Somebody else has taken it from us, without our doing. */
  isLost: boolean;
}

/** An entry in hand, from reading to its end. */
export interface Item {
  readonly held: Held;
  readonly found: Found;
  readonly decoded: Decoded;
  readonly lane: string;
  /** How often this process has begun it. */
  begun: number;
  /** The attempt that is under way; it stays where a try ended for reasons that are not the entry's. */
  attempt: number | undefined;
  /** When that attempt began, of `performance.now()`. */
  attemptAt: number;
  /** Tries in a row that Redis refused. */
  refused: number;
}

/** Decodes what was read and finds its lane; unreadable entries get lanes of their own. */
export function toItem(options: ConsumerOptions, held: Held, found: Found): Item & { share: string } {
  const decoded: Decoded =
    found.fields === undefined
      ? { ok: false, problem: 'unreadable', reason: `too large: ${found.bytes} bytes` }
      : readEntry(options, held.partition, found.stream, found.fields);
  const own = `unreadable ${held.partition} ${found.stream} ${found.entryId}`;
  const lane = decoded.ok ? options.laneOf(decoded.entry) : own;
  const share = decoded.ok ? options.shareOf(decoded.entry) : 'unreadable';
  return { held, found, decoded, lane, share, begun: 0, attempt: undefined, attemptAt: 0, refused: 0 };
}

/** Where an entry is, and under which lease it is worked on. */
export function placeOf({ held, found, decoded }: Item): Place {
  const { partition, epoch } = held;
  const fact = decoded.ok ? decoded.entry.id : undefined;
  return { partition, epoch, stream: found.stream, entryId: found.entryId, fact };
}

/** What joins the log lines of the work on an entry: sessions name people, so only their digest stands there. */
export function logFieldsOf({ held, found, decoded }: Item): LogFields {
  const place = { partition: held.partition, stream: found.stream, entry: found.entryId };
  if (!decoded.ok) return place;
  const { session, id, turn, trace } = decoded.entry;
  const traceId = parseTrace(trace)?.traceId;
  const joined = { ...place, sessionDigest: shortDigest(session), turn: turn ?? id };
  return traceId === undefined ? joined : { ...joined, trace: traceId };
}

/** When the entry was appended, by Redis' clock, in milliseconds. */
export function appendedAtOf(entryId: string): number {
  return Number(entryId.split('-', 1)[0]);
}
