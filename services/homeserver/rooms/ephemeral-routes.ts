import { z } from 'zod';
import { setAccountData } from '../accounts/account-data-routes.ts';
import type { Requester } from '../accounts/requester.ts';
import type { Context } from '../context.ts';
import { forbidden, MatrixError } from '../errors.ts';
import { clientPaths, type MatrixRequest, param, parseBody, type Reply, type Route } from '../http/route.ts';
import { receiptContent } from '../sync/ephemeral.ts';
import { joinedUsers, membershipOf } from './room-state.ts';
import { findEvent } from './stored-event.ts';

const typingBody = z.object({ typing: z.boolean(), timeout: z.number().int().nonnegative().default(30_000) });
const receiptBody = z.object({ thread_id: z.string().optional() });
const markersBody = z.object({
  'm.fully_read': z.string().optional(),
  'm.read': z.string().optional(),
  'm.read.private': z.string().optional(),
});
/** Synapse caps a typing notice at two minutes. */
const maxTypingMs = 120_000;

/** Typing, receipts and read markers. */
export const ephemeralRoutes: Route[] = [
  { method: 'PUT', paths: clientPaths('/rooms/:room/typing/:user'), auth: 'required', handle: setTyping },
  {
    method: 'POST',
    paths: clientPaths('/rooms/:room/receipt/:type/:event'),
    auth: 'required',
    handle: sendReceipt,
  },
  { method: 'POST', paths: clientPaths('/rooms/:room/read_markers'), auth: 'required', handle: setMarkers },
];

function setTyping(context: Context, request: MatrixRequest, { userId }: Requester): Reply {
  const roomId = param(request, 'room');
  if (param(request, 'user') !== userId) {
    throw new MatrixError(400, 'M_FORBIDDEN', "Cannot set another user's typing state");
  }
  requireJoined(context, roomId, userId);
  const body = parseBody(request, typingBody);
  if (!body.typing) {
    stopTyping(context, roomId, userId);
    return {};
  }
  const inMs = Math.min(body.timeout, maxTypingMs);
  const until = context.now() + inMs;
  const isNew = !context.typing.isTyping(roomId, userId);
  const stream = isNew ? context.database.nextStream() : context.typing.of(roomId).stream;
  context.typing.set(roomId, userId, until, stream);
  context.typing.expireLater(roomId, userId, until, inMs, () => stopTyping(context, roomId, userId));
  if (isNew) tellTyping(context, roomId);
  return {};
}

function stopTyping(context: Context, roomId: string, userId: string): void {
  if (context.typing.isTyping(roomId, userId)) {
    context.typing.clear(roomId, userId, context.database.nextStream());
    tellTyping(context, roomId);
  }
}

function tellTyping(context: Context, roomId: string): void {
  const content = { user_ids: context.typing.of(roomId).userIds };
  context.notifier.wake(joinedUsers(context, roomId));
  context.appservices.enqueueEphemeral(roomId, { type: 'm.typing', content });
}

function sendReceipt(context: Context, request: MatrixRequest, { userId }: Requester): Reply {
  const roomId = param(request, 'room');
  const type = param(request, 'type');
  const eventId = param(request, 'event');
  requireJoined(context, roomId, userId);
  const { thread_id } = parseBody(request, receiptBody);
  switch (type) {
    case 'm.fully_read':
      if (thread_id !== undefined) {
        throw new MatrixError(
          400,
          'M_INVALID_PARAM',
          `thread_id is not compatible with m.fully_read receipts.`,
        );
      }
      setAccountData(context, userId, roomId, 'm.fully_read', { event_id: eventId });
      return {};
    case 'm.read':
    case 'm.read.private':
      if (thread_id === '')
        throw new MatrixError(400, 'M_INVALID_PARAM', 'thread_id field must be a non-empty string');
      storeReceipt(context, { roomId, userId, type, eventId, threadId: thread_id ?? '' });
      return {};
    default:
      throw new MatrixError(
        400,
        'M_UNKNOWN',
        `Receipt type must be m.read.private, m.read, m.fully_read, not ${type}`,
      );
  }
}

function setMarkers(context: Context, request: MatrixRequest, { userId }: Requester): Reply {
  const roomId = param(request, 'room');
  requireJoined(context, roomId, userId);
  const body = parseBody(request, markersBody);
  for (const type of ['m.read', 'm.read.private'] as const) {
    const eventId = body[type];
    if (eventId !== undefined) storeReceipt(context, { roomId, userId, type, eventId, threadId: '' });
  }
  const fullyRead = body['m.fully_read'];
  if (fullyRead !== undefined)
    setAccountData(context, userId, roomId, 'm.fully_read', { event_id: fullyRead });
  return {};
}

interface Receipt {
  roomId: string;
  userId: string;
  type: 'm.read' | 'm.read.private';
  eventId: string;
  /** Empty for an unthreaded receipt. */
  threadId: string;
}

/** Receipts only move forward: one for an earlier event than the known one changes nothing. */
function storeReceipt(context: Context, receipt: Receipt): void {
  const { roomId, userId, type, eventId, threadId } = receipt;
  const event = findEvent(context, eventId);
  if (event?.roomId !== roomId) return;
  const known = context.database.get<{ pos: number }>(
    `SELECT events.pos FROM receipts JOIN events USING (event_id)
     WHERE receipts.room_id = ? AND user_id = ? AND receipts.type = ? AND thread_id = ?`,
    roomId,
    userId,
    type,
    threadId,
  );
  if (known !== undefined && known.pos >= event.pos) return;
  const ts = context.now();
  context.database.run(
    `INSERT OR REPLACE INTO receipts (room_id, user_id, type, thread_id, event_id, ts, stream) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    roomId,
    userId,
    type,
    threadId,
    eventId,
    ts,
    context.database.nextStream(),
  );
  if (type === 'm.read.private') {
    context.notifier.wake([userId]);
    return;
  }
  context.notifier.wake(joinedUsers(context, roomId));
  const content = receiptContent([{ user_id: userId, type, thread_id: threadId, event_id: eventId, ts }]);
  context.appservices.enqueueEphemeral(roomId, { type: 'm.receipt', content });
}

function requireJoined(context: Context, roomId: string, userId: string): void {
  if (membershipOf(context, roomId, userId) !== 'join')
    throw forbidden(`User ${userId} not in room ${roomId}`);
}
