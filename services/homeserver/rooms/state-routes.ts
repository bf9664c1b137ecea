import type { Requester } from '../accounts/requester.ts';
import { stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { badJson, MatrixError, notFound } from '../errors.ts';
import { clientPaths, jsonBody, type MatrixRequest, param, type Reply, type Route } from '../http/route.ts';
import { appendEvent } from './append-event.ts';
import { clientEvent } from './client-event.ts';
import { membershipOf, stateAt } from './room-state.ts';
import type { StoredEvent } from './stored-event.ts';
import { lastVisiblePosition, requireMember } from './visibility.ts';

const keyed = ['/rooms/:room/state/:type', '/rooms/:room/state/:type/', '/rooms/:room/state/:type/:key'];
const keyedPaths = keyed.flatMap((path) => clientPaths(path));

/** Reading and setting the state of a room, and its list of members. */
export const stateRoutes: Route[] = [
  {
    method: 'GET',
    paths: clientPaths('/rooms/:room/state'),
    auth: 'required',
    handle: (context, request, requester) => {
      const state = visibleState(context, request, requester.userId);
      return state.map((event) => clientEvent(context, event, { viewer: requester }));
    },
  },
  { method: 'GET', paths: keyedPaths, auth: 'required', handle: readState },
  { method: 'PUT', paths: keyedPaths, auth: 'required', handle: setState },
  { method: 'GET', paths: clientPaths('/rooms/:room/members'), auth: 'required', handle: members },
];

function readState(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const type = param(request, 'type');
  const key = request.params['key'] ?? '';
  const state = visibleState(context, request, requester.userId);
  const event = state.find((candidate) => candidate.type === type && candidate.stateKey === key);
  if (event === undefined) throw notFound('Event not found.');
  return request.query.get('format') === 'event'
    ? clientEvent(context, event, { viewer: requester, format: 'plain' })
    : event.content;
}

function setState(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const content = jsonBody(request, { mayBeEmpty: false });
  const type = param(request, 'type');
  if (type === 'm.room.create') throw new MatrixError(403, 'M_FORBIDDEN', 'A room has one create event');
  if (type === 'm.room.member' && stringAt(content, 'membership') === undefined) {
    throw badJson('membership is missing');
  }
  const event = appendEvent(context, param(request, 'room'), {
    type,
    stateKey: request.params['key'] ?? '',
    content,
    sender: requester.userId,
  });
  return { event_id: event.eventId };
}

function members(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const wanted = request.query.get('membership');
  const unwanted = request.query.get('not_membership');
  const chunk = visibleState(context, request, requester.userId)
    .filter(({ type }) => type === 'm.room.member')
    .filter(({ content }) => wanted === null || content['membership'] === wanted)
    .filter(({ content }) => unwanted === null || content['membership'] !== unwanted);
  return { chunk: chunk.map((event) => clientEvent(context, event, { viewer: requester })) };
}

/** The state now, or for somebody who left, as it was then. */
function visibleState(context: Context, request: MatrixRequest, userId: string): StoredEvent[] {
  const roomId = param(request, 'room');
  requireMember(context, roomId, userId);
  if (membershipOf(context, roomId, userId) === 'join') return stateAt(context, roomId);
  return stateAt(context, roomId, lastVisiblePosition(context, roomId, userId));
}
