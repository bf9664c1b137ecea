import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { formatTimelinePosition } from './position.ts';
import { stateBefore } from './state-before.ts';
import type { SyncRequest } from './sync-once.ts';
import { syncTimeline } from './sync-timeline.ts';

/** A room that the user left or was removed from: its events up to then, and nothing later. */
export function leftRoom(
  context: Context,
  request: SyncRequest,
  member: { room_id: string; pos: number },
): { content: Content; hasTimeline: boolean } | undefined {
  const after = request.since?.pos ?? 0;
  const room = { roomId: member.room_id, after, upTo: member.pos, isNewlyJoined: false };
  const timeline = syncTimeline(context, request, room);
  const state = stateBefore(context, request, {
    roomId: member.room_id,
    after,
    before: timeline.first,
    timeline: timeline.shown,
  });
  const content = {
    timeline: {
      events: timeline.shown.map(({ shown }) => shown),
      prev_batch: formatTimelinePosition(timeline.first - 1),
      limited: timeline.isLimited,
    },
    state: { events: state },
    account_data: { events: [] },
  };
  return { content, hasTimeline: timeline.shown.length > 0 };
}
