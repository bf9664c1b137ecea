import type { Requester } from '../accounts/requester.ts';
import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { forbidden, MatrixError, notFound } from '../errors.ts';
import { clientPaths, jsonBody, type MatrixRequest, param, type Reply, type Route } from '../http/route.ts';
import { appendEvent } from './append-event.ts';
import type { EventDraft } from './event-draft.ts';
import { checkRelation } from './relation.ts';
import { findRoom, membershipOf } from './room-state.ts';
import { findEvent } from './stored-event.ts';

/** How long the database remembers a device's transaction ids. */
const rememberedMs = 24 * 60 * 60 * 1000;

/** Sending messages and redactions, each with a transaction id or without. */
export const sendRoutes: Route[] = [
  { method: 'PUT', paths: clientPaths('/rooms/:room/send/:type/:txn'), auth: 'required', handle: send },
  { method: 'POST', paths: clientPaths('/rooms/:room/send/:type'), auth: 'required', handle: send },
  { method: 'PUT', paths: clientPaths('/rooms/:room/redact/:event/:txn'), auth: 'required', handle: redact },
  { method: 'POST', paths: clientPaths('/rooms/:room/redact/:event'), auth: 'required', handle: redact },
];

function send(context: Context, request: MatrixRequest, requester: Requester): Promise<Reply> {
  const type = param(request, 'type');
  return once(context, request, requester, () => {
    if (type === 'm.room.member' || type === 'm.room.create') {
      throw forbidden(`An event of type ${type} needs a state key`);
    }
    if (type === 'm.room.redaction') {
      const target = jsonBody(request)['redacts'];
      return {
        ...base(request, requester),
        type,
        content: jsonBody(request),
        ...(typeof target === 'string' ? { redacts: target } : {}),
      };
    }
    return { ...base(request, requester), type, content: jsonBody(request, { mayBeEmpty: false }) };
  });
}

function redact(context: Context, request: MatrixRequest, requester: Requester): Promise<Reply> {
  const target = param(request, 'event');
  return once(context, request, requester, () => {
    const event = findEvent(context, target);
    const room = findRoom(context, param(request, 'room'));
    if (event === undefined || event.roomId !== room?.roomId)
      throw notFound(`Could not find event ${target}`);
    const body = jsonBody(request);
    const content: Content = Number(room.version) >= 11 ? { ...body, redacts: target } : body;
    return { ...base(request, requester), type: 'm.room.redaction', content, redacts: target };
  });
}

function base(
  request: MatrixRequest,
  requester: Requester,
): Pick<EventDraft, 'sender' | 'deviceId' | 'txnId'> {
  const txnId = request.params['txn'];
  return {
    sender: requester.userId,
    deviceId: requester.deviceId,
    ...(txnId === undefined ? {} : { txnId }),
  };
}

/**
 * Synapse's two layers. Memory: by path and requester, where all ghosts of an appservice count as one requester.
 * Database: by room, user, device and transaction id, for requests that have a device.
 */
async function once(
  context: Context,
  request: MatrixRequest,
  requester: Requester,
  toDraft: () => EventDraft,
): Promise<Reply> {
  const roomId = param(request, 'room');
  const txnId = request.params['txn'];
  const run = (): string => {
    const known = txnId === undefined ? undefined : rememberedEvent(context, requester, roomId, txnId);
    return known ?? sendDraft(context, requester, roomId, toDraft());
  };
  if (txnId === undefined) return { event_id: run() };
  const who = requester.appservice
    ? `appservice ${requester.appservice.id}`
    : `user ${requester.userId} ${requester.deviceId}`;
  return { event_id: await context.transactionMemory.fetchOrRun(`${request.path} ${who}`, run) };
}

function sendDraft(context: Context, requester: Requester, roomId: string, draft: EventDraft): string {
  if (membershipOf(context, roomId, requester.userId) !== 'join') {
    throw forbidden(`User ${requester.userId} not in room ${roomId}`);
  }
  checkRelation(context, roomId, draft);
  return context.database.transaction(() => {
    const event = appendEvent(context, roomId, draft);
    if (draft.deviceId !== undefined && draft.txnId !== undefined) {
      context.database.run(
        `INSERT OR REPLACE INTO event_txns (room_id, user_id, device_id, txn_id, event_id, at) VALUES (?, ?, ?, ?, ?, ?)`,
        roomId,
        draft.sender,
        draft.deviceId,
        draft.txnId,
        event.eventId,
        context.now(),
      );
    }
    return event.eventId;
  });
}

function rememberedEvent(
  context: Context,
  requester: Requester,
  roomId: string,
  txnId: string,
): string | undefined {
  if (requester.deviceId === undefined) return undefined;
  if (txnId.length > 255) throw new MatrixError(400, 'M_INVALID_PARAM', 'Transaction id is too long');
  return context.database.get<{ event_id: string }>(
    `SELECT event_id FROM event_txns WHERE room_id = ? AND user_id = ? AND device_id = ? AND txn_id = ? AND at > ?`,
    roomId,
    requester.userId,
    requester.deviceId,
    txnId,
    context.now() - rememberedMs,
  )?.event_id;
}
