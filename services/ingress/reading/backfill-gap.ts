import { MatrixRequestError } from '#matrix/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import { readMessages } from '#matrix/read-messages';
import { type RoomEvent, readRoomEvent } from '#matrix/room-event';
import { isOwnJoin } from '../rooms/own-membership.ts';

export interface Gap {
  readonly room: string;
  /** Where the part begins that the sync answer holds. */
  readonly from: string;
  /** Where the last round ended. */
  readonly to: string;
}

export interface Backfill {
  /** Oldest first. */
  readonly events: readonly RoomEvent[];
  /** Why older events of the gap are missing; null where none are. */
  readonly missing: string | null;
}

export interface BackfillDeps {
  readonly request: MatrixRequest;
  readonly userId: string;
  /** JSON of a room event filter. */
  readonly filter: string;
  readonly maxEvents: number;
}

const pageSize = 100;

/** Reads a gap back to where the last round ended or the bot joined; at most `maxEvents` of it, the newest. */
export async function backfillGap(deps: BackfillDeps, gap: Gap, signal: AbortSignal): Promise<Backfill> {
  const { request, userId, filter, maxEvents } = deps;
  const newestFirst: RoomEvent[] = [];
  const ended = (missing: string | null): Backfill => ({ events: newestFirst.toReversed(), missing });
  let from: string | null = gap.from;
  while (from !== null) {
    if (newestFirst.length >= maxEvents) return ended(`the gap has more than ${maxEvents} events`);
    const query = { from, to: gap.to, limit: pageSize, filter, signal };
    try {
      const page = await readMessages(request, gap.room, query);
      const events = page.events.map((event) => readRoomEvent(event, gap.room));
      newestFirst.push(...events);
      if (events.some((event) => isOwnJoin(event, userId))) return ended(null);
      // A filter can leave a page empty that is not the last one; only a standstill is the end.
      from = page.end === from ? null : page.end;
    } catch (error) {
      if (!(error instanceof MatrixRequestError) || error.retryable || error.status === 401) throw error;
      return ended(`the homeserver does not show it: ${error.message}`);
    }
  }
  return ended(null);
}
