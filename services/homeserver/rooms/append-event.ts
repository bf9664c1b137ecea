import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { maxEventBytes } from '../config.ts';
import { stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { MatrixError, notFound } from '../errors.ts';
import { authorise } from './authorise.ts';
import { checkContent } from './check-content.ts';
import type { EventDraft } from './event-draft.ts';
import { relationOf } from './relation.ts';
import { findRoom, joinedUsers, type Room, stateEvent } from './room-state.ts';
import { findEvent, type StoredEvent } from './stored-event.ts';

/**
 * Lets an event into a room: checked, ordered, state and memberships updated, queued for appservices, and everyone
 * concerned woken. A state event that changes nothing is not sent again; its earlier twin is returned.
 */
export function appendEvent(context: Context, roomId: string, draft: EventDraft): StoredEvent {
  const room = findRoom(context, roomId);
  if (room === undefined) throw notFound(`Unknown room ${roomId}`);
  const { event, isNew } = context.database.transaction(() => {
    checkContent(draft);
    authorise(context, room, draft);
    const before =
      draft.stateKey === undefined ? undefined : stateEvent(context, roomId, draft.type, draft.stateKey);
    if (before?.sender === draft.sender && isDeepStrictEqual(before.content, draft.content)) {
      return { event: before, isNew: false };
    }
    return { event: insert(context, room, draft, before), isNew: true };
  });
  if (isNew) announce(context, event);
  return event;
}

function insert(
  context: Context,
  room: Room,
  draft: EventDraft,
  before: StoredEvent | undefined,
): StoredEvent {
  const event = {
    eventId: `$${randomBytes(32).toString('base64url')}`,
    roomId: room.roomId,
    type: draft.type,
    stateKey: draft.stateKey ?? null,
    sender: draft.sender,
    content: draft.content,
    at: context.now(),
    redacts: draft.redacts ?? null,
    redactedBy: null,
    replacesState: before?.eventId ?? null,
    deviceId: draft.deviceId ?? null,
    txnId: draft.txnId ?? null,
  };
  checkSize(event);
  const relation = relationOf(draft.content);
  const pos = context.database.run(
    `INSERT INTO events (event_id, room_id, type, state_key, sender, content, origin_server_ts, redacts,
       replaces_state, rel_type, parent_id, rel_key, device_id, txn_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    event.eventId,
    event.roomId,
    event.type,
    event.stateKey,
    event.sender,
    JSON.stringify(event.content),
    event.at,
    event.redacts,
    event.replacesState,
    relation?.type ?? null,
    relation?.parentId ?? null,
    relation?.key ?? null,
    event.deviceId,
    event.txnId,
  );
  const stored = { ...event, pos };
  context.database.run('UPDATE rooms SET last_pos = ? WHERE room_id = ?', pos, room.roomId);
  if (stored.stateKey !== null) updateState(context, stored, stored.stateKey);
  if (stored.redacts !== null) applyRedaction(context, stored, stored.redacts);
  context.appservices.enqueue(stored);
  return stored;
}

function checkSize(event: Omit<StoredEvent, 'pos'>): void {
  // Hashes, signatures and references to earlier events, which this homeserver leaves out, take about this much.
  const overhead = 350;
  const size = Buffer.byteLength(JSON.stringify(event)) + overhead;
  if (size > maxEventBytes) throw new MatrixError(413, 'M_TOO_LARGE', 'event too large');
}

function updateState(context: Context, event: StoredEvent, stateKey: string): void {
  context.database.run(
    `INSERT INTO current_state (room_id, type, state_key, pos) VALUES (?, ?, ?, ?)
     ON CONFLICT (room_id, type, state_key) DO UPDATE SET pos = excluded.pos`,
    event.roomId,
    event.type,
    stateKey,
    event.pos,
  );
  if (event.type !== 'm.room.member') return;
  context.database.run(
    `INSERT INTO members (room_id, user_id, membership, pos, forgotten) VALUES (?, ?, ?, ?, 0)
     ON CONFLICT (room_id, user_id) DO UPDATE SET membership = excluded.membership, pos = excluded.pos, forgotten = 0`,
    event.roomId,
    stateKey,
    stringAt(event.content, 'membership') ?? 'leave',
    event.pos,
  );
}

function applyRedaction(context: Context, redaction: StoredEvent, targetId: string): void {
  const target = findEvent(context, targetId);
  if (target === undefined || target.roomId !== redaction.roomId || target.redactedBy !== null) return;
  context.database.run('UPDATE events SET redacted_by = ? WHERE event_id = ?', redaction.eventId, targetId);
}

function announce(context: Context, event: StoredEvent): void {
  const users = joinedUsers(context, event.roomId);
  if (event.type === 'm.room.member' && event.stateKey !== null) users.push(event.stateKey);
  context.notifier.wake(users);
  context.appservices.kick();
}
