import { z } from 'zod';
import type { StoredRecord } from './database-schema.ts';
import { seenStore } from './seen-sessions.ts';

/** Where the SDK keeps the room keys that it was given, under `<room>\x1d<session>`. */
export const inboundStore = 'inbound_group_sessions3';
const separator = '\u001d';
/** A room key that was rotated away is kept for so many days after its last use. */
const keptDays = 90;

const inboundRecord = z.object({ sender_key: z.string().min(1) });

export interface RoomKeys {
  /** The SDK's keys of records of room keys that nobody needs any more. */
  readonly rotatedAway: ReadonlySet<string>;
  /** Those of which nobody has noted a day. */
  readonly unseen: readonly string[];
}

/** The key of the SDK's record of a room key. */
export function roomKeyPlace(room: string, session: string): string {
  return `${room}${separator}${session}`;
}

export function sessionOf(place: string): string {
  return place.slice(place.lastIndexOf(separator) + 1);
}

/**
 * Which room keys can go: their device has used a later one in the same room since, and they were not used for 90 days up to
 * the last day on which this device read anything. A device that was away for long forgets nothing of what it is yet to
 * read. What is not as the SDK of today writes it is left alone.
 */
export function findRotatedAway(records: readonly StoredRecord[]): RoomKeys {
  const days = new Map<string, number>();
  for (const { store, key, value } of records) {
    if (store === seenStore && typeof key === 'string' && typeof value === 'number') days.set(key, value);
  }
  const lastDay = [...days.values()].reduce((latest, day) => Math.max(latest, day), 0);
  const latest = new Map<string, number>();
  const found: { place: string; day: number; device: string }[] = [];
  const unseen: string[] = [];
  for (const { store, key, value } of records) {
    const parsed = inboundRecord.safeParse(value);
    if (store !== inboundStore || typeof key !== 'string' || !key.includes(separator) || !parsed.success)
      continue;
    const day = days.get(key);
    if (day === undefined) {
      unseen.push(key);
      continue;
    }
    const device = `${key.slice(0, key.lastIndexOf(separator))} ${parsed.data.sender_key}`;
    latest.set(device, Math.max(latest.get(device) ?? day, day));
    found.push({ place: key, day, device });
  }
  const isOver = ({ day, device }: (typeof found)[number]): boolean =>
    lastDay - day > keptDays && (latest.get(device) ?? day) > day;
  return { rotatedAway: new Set(found.filter(isOver).map(({ place }) => place)), unseen };
}
