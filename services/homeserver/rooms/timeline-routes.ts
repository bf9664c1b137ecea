import type { Requester } from '../accounts/requester.ts';
import { objectAt, stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { MatrixError, notFound } from '../errors.ts';
import {
  clientPaths,
  integerQuery,
  type MatrixRequest,
  param,
  type Reply,
  type Route,
} from '../http/route.ts';
import { resolveEventFilter } from '../sync/event-filter.ts';
import { formatTimelinePosition, parsePosition } from '../sync/position.ts';
import { clientEvent } from './client-event.ts';
import { stateAt } from './room-state.ts';
import { findEvent, lastPosition, type StoredEvent } from './stored-event.ts';
import { timelinePage } from './timeline-page.ts';
import { lastVisiblePosition, requireMember, visibilityFor } from './visibility.ts';

const relationPaths = ['', '/:relation', '/:relation/:type'].flatMap((rest) =>
  clientPaths(`/rooms/:room/relations/:event${rest}`, ['v1', 'unstable']),
);

/** Reading events: one, those around it, the timeline by pages, and children of an event. */
export const timelineRoutes: Route[] = [
  { method: 'GET', paths: clientPaths('/rooms/:room/event/:event'), auth: 'required', handle: readEvent },
  { method: 'GET', paths: clientPaths('/rooms/:room/context/:event'), auth: 'required', handle: readContext },
  { method: 'GET', paths: clientPaths('/rooms/:room/messages'), auth: 'required', handle: readMessages },
  { method: 'GET', paths: relationPaths, auth: 'required', handle: readRelations },
];

function readEvent(context: Context, request: MatrixRequest, requester: Requester): Reply {
  return clientEvent(context, visibleEvent(context, request, requester), {
    viewer: requester,
    withMembership: true,
    bundle: true,
  });
}

function readContext(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const event = visibleEvent(context, request, requester);
  const limit = Math.min(integerQuery(request, 'limit', 10), 100);
  const filter = resolveEventFilter(request.query.get('filter'));
  const canSee = visibilityFor(context, event.roomId, requester.userId);
  const page = { roomId: event.roomId, filter, canSee };
  const before = Math.floor(limit / 2);
  const earlier = limited(context, { ...page, direction: 'backward', from: event.pos - 1, limit: before });
  const later = limited(context, { ...page, direction: 'forward', from: event.pos, limit: limit - before });
  const show = (one: StoredEvent): Reply =>
    clientEvent(context, one, { viewer: requester, withMembership: true, bundle: true });
  const last = later.at(-1) ?? event;
  return {
    event: show(event),
    events_before: earlier.map(show),
    events_after: later.map(show),
    state: stateAt(context, event.roomId, last.pos).map((one) => clientEvent(context, one)),
    start: formatTimelinePosition((earlier.at(-1) ?? event).pos - 1),
    end: formatTimelinePosition(last.pos),
  };
}

function limited(context: Context, request: Parameters<typeof timelinePage>[1]): StoredEvent[] {
  return request.limit === 0 ? [] : timelinePage(context, request).events;
}

function readMessages(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const roomId = param(request, 'room');
  requireMember(context, roomId, requester.userId);
  const direction = directionOf(request, 'f');
  const fromToken = request.query.get('from');
  const toToken = request.query.get('to');
  const end = lastPosition(context);
  const from =
    fromToken === null
      ? direction === 'backward'
        ? end
        : 0
      : parsePosition(fromToken, "'from' parameter is invalid").pos;
  const last = lastVisiblePosition(context, roomId, requester.userId);
  const to = toToken === null ? undefined : parsePosition(toToken).pos;
  const page = timelinePage(context, {
    roomId,
    direction,
    from: direction === 'backward' ? Math.min(from, last) : from,
    to: direction === 'forward' ? Math.min(to ?? end, last) : to,
    limit: Math.min(Math.max(integerQuery(request, 'limit', 10), 1), 1000),
    filter: resolveEventFilter(request.query.get('filter')),
    canSee: visibilityFor(context, roomId, requester.userId),
  });
  return {
    chunk: page.events.map((event) =>
      clientEvent(context, event, { viewer: requester, withMembership: true, bundle: true }),
    ),
    start: fromToken ?? formatTimelinePosition(from),
    ...(page.end === undefined ? {} : { end: formatTimelinePosition(page.end) }),
  };
}

function readRelations(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const parent = visibleEvent(context, request, requester);
  const direction = directionOf(request, 'b');
  const fromToken = request.query.get('from');
  const toToken = request.query.get('to');
  const start = direction === 'backward' ? lastPosition(context) : 0;
  const canSee = visibilityFor(context, parent.roomId, requester.userId);
  const relation = request.params['relation'];
  const type = request.params['type'];
  const limit = Math.min(Math.max(integerQuery(request, 'limit', 5), 1), 1000);
  const page = timelinePage(context, {
    roomId: parent.roomId,
    direction,
    from: fromToken === null ? start : parsePosition(fromToken).pos,
    to: toToken === null ? undefined : parsePosition(toToken).pos,
    // One more than asked for, to know whether any follow.
    limit: limit + 1,
    parentId: parent.eventId,
    canSee: (event) => canSee(event) && isChild(event, parent.eventId, relation, type),
  });
  const shown = page.events.slice(0, limit);
  const last = shown.at(-1);
  const next = last === undefined ? 0 : direction === 'backward' ? last.pos - 1 : last.pos;
  return {
    chunk: shown.map((event) =>
      clientEvent(context, event, { viewer: requester, withMembership: true, bundle: true }),
    ),
    ...(fromToken === null ? {} : { prev_batch: fromToken }),
    ...(page.isFull ? { next_batch: formatTimelinePosition(next) } : {}),
  };
}

/** A redacted child has lost its relation with its content. */
function isChild(event: StoredEvent, parentId: string, relation?: string, type?: string): boolean {
  const relatesTo = objectAt(event.content, 'm.relates_to');
  if (stringAt(relatesTo, 'event_id') !== parentId) return false;
  if (relation !== undefined && stringAt(relatesTo, 'rel_type') !== relation) return false;
  return stringAt(relatesTo, 'rel_type') !== undefined && (type === undefined || event.type === type);
}

function visibleEvent(context: Context, request: MatrixRequest, { userId }: Requester): StoredEvent {
  const roomId = param(request, 'room');
  const event = findEvent(context, param(request, 'event'));
  requireMember(context, roomId, userId);
  if (event?.roomId !== roomId || !visibilityFor(context, roomId, userId)(event)) {
    throw notFound('Event not found.');
  }
  return event;
}

function directionOf(request: MatrixRequest, fallback: 'b' | 'f'): 'backward' | 'forward' {
  const given = request.query.get('dir') ?? fallback;
  if (given === 'b') return 'backward';
  if (given === 'f') return 'forward';
  throw new MatrixError(400, 'M_INVALID_PARAM', `Query parameter 'dir' must be one of ['b', 'f']`);
}
