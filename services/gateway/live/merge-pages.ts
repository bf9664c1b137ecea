import { compareIds, moved, type Positions } from './cursor.ts';
import type { Fields } from './to-live-event.ts';

export type RawEntry = readonly [id: string, fields: Fields];

/** An entry with its place in `liveStreams`. */
export interface Found {
  readonly stream: number;
  readonly id: string;
  readonly fields: Fields;
  /** Behind it, when all before it were seen. */
  readonly positions: Positions;
}

/** What was read of one of `liveStreams`; `isFull` where more of it may come right behind. */
export interface Page {
  readonly stream: number;
  readonly entries: readonly RawEntry[];
  readonly isFull: boolean;
}

/**
 * Entries of several streams of a partition in the order of time. Nothing is taken from behind the end of a full page:
 * another stream's entries belong in between, and are read again with the next pages.
 *
 * @param from where the pages begin.
 */
export function mergePages(
  from: Positions,
  pages: readonly Page[],
): { found: Found[]; positions: Positions } {
  const ends = pages.flatMap(({ entries, isFull }) => (isFull ? [entries.at(-1)?.[0] ?? '0-0'] : []));
  const all = pages.flatMap(({ stream, entries }) => entries.map(([id, fields]) => ({ stream, id, fields })));
  if (pages.filter(({ entries }) => entries.length > 0).length > 1) {
    all.sort((a, b) => compareIds(a.id, b.id) || a.stream - b.stream);
  }
  const found: Found[] = [];
  let positions = from;
  for (const entry of all) {
    if (ends.some((end) => compareIds(entry.id, end) > 0)) continue;
    positions = moved(positions, entry.stream, entry.id);
    found.push({ ...entry, positions });
  }
  return { found, positions };
}
