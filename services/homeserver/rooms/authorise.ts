import { type Content, stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { badJson, forbidden } from '../errors.ts';
import { checkPowerChange } from './check-power-change.ts';
import type { EventDraft } from './event-draft.ts';
import { powerOf, powerTo, powerToSend } from './power-levels.ts';
import { membershipOf, type Room, stateContent } from './room-state.ts';
import { findEvent } from './stored-event.ts';

/** Throws 403 M_FORBIDDEN unless the room's state allows the event. Source: specification, "Authorization rules". */
export function authorise(context: Context, room: Room, draft: EventDraft): void {
  if (draft.type === 'm.room.create') return;
  if (draft.type === 'm.room.member') {
    authoriseMembership(context, room, draft);
    return;
  }
  if (membershipOf(context, room.roomId, draft.sender) !== 'join') {
    throw forbidden(`User ${draft.sender} not in room ${room.roomId}`);
  }
  const power = powerOf(context, room, draft.sender);
  const needed = powerToSend(context, room.roomId, draft.type, draft.stateKey !== undefined);
  if (power < needed) {
    throw forbidden(
      `You don't have permission to post that to the room. user_level (${power}) < send_level (${needed})`,
    );
  }
  if (draft.stateKey?.startsWith('@') && draft.stateKey !== draft.sender) {
    throw forbidden('You are not allowed to set others state');
  }
  if (draft.type === 'm.room.power_levels') checkPowerChange(context, room, draft, power);
  if (draft.type === 'm.room.redaction') authoriseRedaction(context, room, draft, power);
}

function authoriseRedaction(context: Context, room: Room, draft: EventDraft, power: number): void {
  const target = draft.redacts === undefined ? undefined : findEvent(context, draft.redacts);
  if (target?.sender === draft.sender) return;
  if (power < powerTo(context, room.roomId, 'redact')) {
    throw forbidden("You don't have permission to redact events");
  }
}

function authoriseMembership(context: Context, room: Room, draft: EventDraft): void {
  const target = draft.stateKey;
  const wanted = stringAt(draft.content, 'membership');
  if (target === undefined || !/^@[^:]*:.+/.test(target)) {
    throw badJson('m.room.member needs a user id as its state key');
  }
  switch (wanted) {
    case 'join':
      authoriseJoin(context, room, draft.sender, target, draft.content);
      return;
    case 'invite':
      authoriseInvite(context, room, draft.sender, target);
      return;
    case 'leave':
      authoriseLeave(context, room, draft.sender, target);
      return;
    case 'ban':
      requireJoined(context, room, draft.sender);
      requirePowerOver(context, room, draft.sender, target, 'ban');
      return;
    default:
      throw badJson(`Invalid membership: ${String(wanted)}`);
  }
}

function authoriseJoin(context: Context, room: Room, sender: string, target: string, content: Content): void {
  if (sender !== target) throw forbidden('Cannot force another user to join.');
  const membership = membershipOf(context, room.roomId, target);
  if (membership === 'ban') throw forbidden('You are banned from this room');
  if (membership === 'join' || membership === 'invite') return;
  const rules = stateContent(context, room.roomId, 'm.room.join_rules');
  const rule = rules === undefined ? 'invite' : (stringAt(rules, 'join_rule') ?? 'invite');
  if (rule === 'public') return;
  const isFirstMember = rules === undefined && room.creator === target && membership === undefined;
  if (isFirstMember) return;
  if (rule === 'restricted' && rules !== undefined && isInAllowedRoom(context, rules, target)) {
    content['join_authorised_via_users_server'] = room.creator;
    return;
  }
  throw forbidden('You are not invited to this room.');
}

function isInAllowedRoom(context: Context, rules: Content, userId: string): boolean {
  const allow = Array.isArray(rules['allow']) ? (rules['allow'] as unknown[]) : [];
  return allow.some(
    (entry) =>
      typeof entry === 'object' &&
      entry !== null &&
      'room_id' in entry &&
      typeof entry.room_id === 'string' &&
      membershipOf(context, entry.room_id, userId) === 'join',
  );
}

function authoriseInvite(context: Context, room: Room, sender: string, target: string): void {
  requireJoined(context, room, sender);
  const membership = membershipOf(context, room.roomId, target);
  if (membership === 'ban') throw forbidden(`${target} is banned from the room`);
  if (membership === 'join') throw forbidden(`${target} is already in the room.`);
  if (powerOf(context, room, sender) < powerTo(context, room.roomId, 'invite')) {
    throw forbidden("You don't have permission to invite users");
  }
}

function authoriseLeave(context: Context, room: Room, sender: string, target: string): void {
  const membership = membershipOf(context, room.roomId, target);
  if (sender === target) {
    if (membership === 'join' || membership === 'invite' || membership === 'knock') return;
    throw forbidden(`User ${target} not in room ${room.roomId}`);
  }
  requireJoined(context, room, sender);
  if (membership === 'ban') {
    if (powerOf(context, room, sender) >= powerTo(context, room.roomId, 'ban')) return;
    throw forbidden(`You cannot unban user ${target}.`);
  }
  requirePowerOver(context, room, sender, target, 'kick');
}

function requireJoined(context: Context, room: Room, userId: string): void {
  if (membershipOf(context, room.roomId, userId) === 'join') return;
  throw forbidden(`User ${userId} not in room ${room.roomId}`);
}

function requirePowerOver(
  context: Context,
  room: Room,
  sender: string,
  target: string,
  action: 'ban' | 'kick',
): void {
  const power = powerOf(context, room, sender);
  if (power >= powerTo(context, room.roomId, action) && power > powerOf(context, room, target)) return;
  throw forbidden(action === 'ban' ? "You don't have permission to ban" : `You cannot kick user ${target}.`);
}
