import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { membershipAt } from '../rooms/room-state.ts';
import { accountDataSince } from './account-data-since.ts';
import { ephemeralSince } from './ephemeral.ts';
import { passes } from './event-filter.ts';
import { formatTimelinePosition, type Position } from './position.ts';
import { roomSummary } from './room-summary.ts';
import { stateBefore } from './state-before.ts';
import type { SyncRequest } from './sync-once.ts';
import { syncTimeline } from './sync-timeline.ts';
import { unreadCounts } from './unread-counts.ts';

/** A room that the user is in, or undefined when nothing happened there since the last sync. */
export function joinedRoom(
  context: Context,
  request: SyncRequest,
  member: { room_id: string; pos: number; last_pos: number },
  now: Position,
): { content: Content; hasTimeline: boolean } | undefined {
  const roomId = member.room_id;
  const { userId } = request.requester;
  const after = request.since?.pos;
  const isNewlyJoined =
    after !== undefined && member.pos > after && membershipAt(context, roomId, userId, after) !== 'join';
  const isWhole = after === undefined || isNewlyJoined;
  const timelineFrom = isWhole ? 0 : after;
  const hasNewEvents = isWhole || member.last_pos > after;
  const timeline = hasNewEvents
    ? syncTimeline(context, request, { roomId, after: timelineFrom, upTo: now.pos, isNewlyJoined })
    : { shown: [], first: now.pos + 1, isLimited: false };
  const fromScratch = isWhole || request.fullState;
  const state = stateBefore(context, request, {
    roomId,
    after: fromScratch ? 0 : after,
    before: timeline.first,
    timeline: timeline.shown,
  });
  const ephemeral = ephemeralSince(
    context,
    roomId,
    userId,
    isWhole ? 0 : (request.since?.stream ?? 0),
  ).filter((event) => passes(event, request.filter.room?.ephemeral));
  const accountData = accountDataSince(context, isWhole ? { ...request, since: undefined } : request, roomId);
  const isEmpty = timeline.shown.length + state.length + ephemeral.length + accountData.length === 0;
  if (isEmpty && !fromScratch) return undefined;
  const isMemberNews = timeline.shown.some(({ event }) => event.type === 'm.room.member');
  // Like Synapse: a summary is told only to clients that load members lazily, and only when it may have changed.
  const hasSummary =
    request.filter.room?.state?.lazy_load_members === true &&
    (fromScratch || isMemberNews || timeline.isLimited);
  const content = {
    timeline: {
      events: timeline.shown.map(({ shown }) => shown),
      prev_batch: formatTimelinePosition(timeline.first - 1),
      limited: timeline.isLimited,
    },
    state: { events: state },
    account_data: { events: accountData },
    ephemeral: { events: ephemeral },
    unread_notifications: unreadCounts(context, roomId, userId),
    summary: hasSummary ? roomSummary(context, roomId, userId) : {},
  };
  return { content, hasTimeline: timeline.shown.length > 0 };
}
