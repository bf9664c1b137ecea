import type { DirtyRecords } from './dirty-records.ts';
import { findRotatedAway, inboundStore, sessionOf } from './rotated-away.ts';
import { type SeenSessions, seenStore, today } from './seen-sessions.ts';
import type { UsedIndexes } from './used-indexes.ts';

export interface OpenRecords {
  readonly dirty: Pick<DirtyRecords, 'read' | 'remove'>;
  readonly used: Pick<UsedIndexes, 'giveUp'>;
  readonly seen: Pick<SeenSessions, 'note' | 'forget'>;
}

/**
 * Gives up the room keys of an open store that were rotated away long ago. Marks come before deletions, and all of it is
 * stored with the next flush. Resolves to how many keys those were.
 */
export async function giveUpKeys({ dirty, used, seen }: OpenRecords): Promise<number> {
  const records = [...(await dirty.read(inboundStore)), ...(await dirty.read(seenStore))];
  const { rotatedAway, unseen } = findRotatedAway(records);
  const places = [...rotatedAway];
  await seen.note(unseen, today());
  await used.giveUp(places.map(sessionOf));
  await dirty.remove(inboundStore, places);
  await seen.forget(places);
  return places.length;
}
