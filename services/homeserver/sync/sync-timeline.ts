import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { clientEvent } from '../rooms/client-event.ts';
import type { StoredEvent } from '../rooms/stored-event.ts';
import { timelinePage } from '../rooms/timeline-page.ts';
import { visibilityFor } from '../rooms/visibility.ts';
import type { SyncRequest } from './sync-once.ts';

const defaultLimit = 10;
const maxLimit = 100;

export interface Timeline {
  shown: { event: StoredEvent; shown: Content }[];
  /** Position of the first event shown; without one, the place where it would be. */
  first: number;
  isLimited: boolean;
}

/** The newest events of a room after `after`; limited when there were more, or the room is new to the user. */
export function syncTimeline(
  context: Context,
  request: SyncRequest,
  room: { roomId: string; after: number; upTo: number; isNewlyJoined: boolean },
): Timeline {
  const filter = request.filter.room?.timeline;
  const limit = request.forcedLimit ?? Math.min(filter?.limit ?? defaultLimit, maxLimit);
  const canSee = visibilityFor(context, room.roomId, request.requester.userId);
  const { events } = timelinePage(context, {
    roomId: room.roomId,
    direction: 'backward',
    from: room.upTo,
    to: room.after,
    limit: limit + 1,
    filter,
    canSee,
  });
  const isCut = events.length > limit;
  const newest = events.slice(0, limit).reverse();
  const isForced = request.forcedLimit !== undefined && newest.length > 0;
  const isLimited = isCut || room.isNewlyJoined || isForced;
  const options = {
    viewer: request.requester,
    format: 'sync',
    withMembership: true,
    bundle: isLimited,
  } as const;
  return {
    shown: newest.map((event) => ({ event, shown: clientEvent(context, event, options) })),
    first: newest[0]?.pos ?? room.upTo + 1,
    isLimited,
  };
}
