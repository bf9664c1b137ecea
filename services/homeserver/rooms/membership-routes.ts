import { z } from 'zod';
import type { Requester } from '../accounts/requester.ts';
import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { forbidden, MatrixError, notFound } from '../errors.ts';
import { clientPaths, type MatrixRequest, param, parseBody, type Reply, type Route } from '../http/route.ts';
import { appendEvent } from './append-event.ts';
import { memberContent } from './member-content.ts';
import { findRoom, joinedUsers, type Membership, membershipOf, stateEvent } from './room-state.ts';

const targetBody = z.object({ user_id: z.string(), reason: z.string().optional() });
const reasonBody = z.object({ reason: z.string().optional() });

/** Joining, leaving, inviting, kicking, banning, forgetting. */
export const membershipRoutes: Route[] = [
  { method: 'POST', paths: clientPaths('/join/:room'), auth: 'required', handle: join },
  { method: 'POST', paths: clientPaths('/rooms/:room/join'), auth: 'required', handle: join },
  { method: 'POST', paths: clientPaths('/rooms/:room/leave'), auth: 'required', handle: leave },
  { method: 'POST', paths: clientPaths('/rooms/:room/forget'), auth: 'required', handle: forget },
  act('invite', (_context, _roomId, _userId) => 'invite'),
  act('kick', (context, roomId, userId) => {
    const membership = membershipOf(context, roomId, userId);
    if (membership === undefined || membership === 'leave' || membership === 'ban') {
      throw forbidden(`The target user is not in the room`);
    }
    return 'leave';
  }),
  act('ban', () => 'ban'),
  act('unban', () => 'leave'),
  {
    method: 'GET',
    paths: clientPaths('/joined_rooms'),
    auth: 'required',
    handle: (context, _request, { userId }) => ({
      joined_rooms: context.database
        .all<{ room_id: string }>(
          `SELECT room_id FROM members WHERE user_id = ? AND membership = 'join' ORDER BY pos`,
          userId,
        )
        .map(({ room_id }) => room_id),
    }),
  },
  {
    method: 'GET',
    paths: clientPaths('/rooms/:room/joined_members'),
    auth: 'required',
    handle: joinedMembers,
  },
];

/** Sends a membership event of the requester about themselves or, with `target`, about somebody else. */
export function changeMembership(
  context: Context,
  requester: Requester,
  roomId: string,
  membership: Membership,
  change: { target?: string; reason?: string | undefined; extra?: Content } = {},
): void {
  const target = change.target ?? requester.userId;
  const extra = { ...change.extra, ...(change.reason === undefined ? {} : { reason: change.reason }) };
  appendEvent(context, roomId, {
    type: 'm.room.member',
    stateKey: target,
    sender: requester.userId,
    content: memberContent(context, target, membership, extra),
  });
}

function act(
  name: string,
  toMembership: (context: Context, roomId: string, userId: string) => Membership,
): Route {
  return {
    method: 'POST',
    paths: clientPaths(`/rooms/:room/${name}`),
    auth: 'required',
    handle: (context, request, requester) => {
      const body = parseBody(request, targetBody);
      if (!/^@[^:]*:.+/.test(body.user_id)) {
        throw new MatrixError(400, 'M_INVALID_PARAM', `Expected UserID string to start with '@'`);
      }
      const roomId = param(request, 'room');
      requireRoom(context, roomId);
      const membership = toMembership(context, roomId, body.user_id);
      if (membership === 'invite') refuseBanned(context, roomId, body.user_id, 'invite');
      changeMembership(context, requester, roomId, membership, { target: body.user_id, reason: body.reason });
      return {};
    },
  };
}

function join(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const { reason } = parseBody(request, reasonBody);
  const name = param(request, 'room');
  const roomId = name.startsWith('#') ? roomOfAlias(context, name) : name;
  if (findRoom(context, roomId) === undefined) {
    const reason = "Can't join remote room because no servers that are in the room have been provided.";
    throw new MatrixError(404, 'M_UNKNOWN', reason);
  }
  // A join of somebody who is in already changes nothing, not even after a change of profile.
  if (membershipOf(context, roomId, requester.userId) !== 'join') {
    refuseBanned(context, roomId, requester.userId, 'join');
    changeMembership(context, requester, roomId, 'join', { reason });
  }
  return { room_id: roomId };
}

function leave(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const { reason } = parseBody(request, reasonBody);
  const roomId = param(request, 'room');
  requireRoom(context, roomId);
  const membership = membershipOf(context, roomId, requester.userId);
  // Leaving once more after leaving is the same again; after a kick it is not.
  const hasLeft = stateEvent(context, roomId, 'm.room.member', requester.userId)?.sender === requester.userId;
  if (membership === 'leave' && hasLeft) return {};
  if (membership !== 'join' && membership !== 'invite')
    throw forbidden(`${requester.userId} not in room ${roomId}.`);
  changeMembership(context, requester, roomId, 'leave', { reason });
  return {};
}

function forget(context: Context, request: MatrixRequest, { userId }: Requester): Reply {
  const roomId = param(request, 'room');
  const membership = membershipOf(context, roomId, userId);
  if (membership === 'join' || membership === 'invite') {
    throw new MatrixError(400, 'M_UNKNOWN', `User ${userId} in room ${roomId}`);
  }
  context.database.run('UPDATE members SET forgotten = 1 WHERE room_id = ? AND user_id = ?', roomId, userId);
  return {};
}

function joinedMembers(context: Context, request: MatrixRequest, { userId }: Requester): Reply {
  const roomId = param(request, 'room');
  if (membershipOf(context, roomId, userId) !== 'join')
    throw forbidden(`User ${userId} not in room ${roomId}`);
  const joined: Content = {};
  for (const member of joinedUsers(context, roomId)) {
    const { displayname, avatar_url } = memberContent(context, member, 'join');
    joined[member] = { display_name: displayname ?? null, avatar_url: avatar_url ?? null };
  }
  return { joined };
}

function refuseBanned(context: Context, roomId: string, userId: string, act: 'join' | 'invite'): void {
  if (membershipOf(context, roomId, userId) !== 'ban') return;
  throw new MatrixError(403, 'M_BAD_STATE', `Cannot ${act} user who was banned`);
}

function requireRoom(context: Context, roomId: string): void {
  if (findRoom(context, roomId) === undefined) throw notFound('Unknown room');
}

/** The room that an alias names, or 404. */
export function roomOfAlias(context: Context, alias: string): string {
  const row = context.database.get<{ room_id: string }>('SELECT room_id FROM aliases WHERE alias = ?', alias);
  if (row === undefined) throw notFound(`Room alias ${alias} not found`);
  return row.room_id;
}
