import { type Content, isContent, objectAt } from '../content.ts';
import type { Context } from '../context.ts';
import { badJson, forbidden, MatrixError } from '../errors.ts';
import type { EventDraft } from './event-draft.ts';
import { hasPrivilegedCreators, isCreator, level, powerLevels } from './power-levels.ts';
import type { Room } from './room-state.ts';

const singleLevels = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'];

/** Nobody grants, takes or changes a level above their own, nor lowers an equal. `power` is the sender's. */
export function checkPowerChange(context: Context, room: Room, draft: EventDraft, power: number): void {
  checkShape(context, room, draft.content);
  const before = powerLevels(context, room.roomId);
  if (before === undefined) return;
  for (const name of singleLevels) {
    checkLevel(level(before[name]), level(draft.content[name]), power);
  }
  for (const group of ['users', 'events', 'notifications']) {
    const old = objectAt(before, group);
    const fresh = objectAt(draft.content, group);
    for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
      const [was, becomes] = [level(old[name]), level(fresh[name])];
      const lowersAnEqual = group === 'users' && name !== draft.sender && was === power && becomes !== was;
      if (lowersAnEqual) throw forbidden("You don't have permission to remove ops level equal to your own");
      checkLevel(was, becomes, power);
    }
  }
}

function checkLevel(was: number | undefined, becomes: number | undefined, power: number): void {
  if (was === becomes) return;
  if ((was ?? 0) > power || (becomes ?? 0) > power) {
    throw forbidden("You don't have permission to add ops level greater than your own");
  }
}

function checkShape(context: Context, room: Room, content: Content): void {
  for (const name of singleLevels) {
    if (content[name] !== undefined && level(content[name]) === undefined) {
      throw badJson(`${name} must be an integer.`);
    }
  }
  for (const group of ['users', 'events', 'notifications']) {
    const levels = content[group];
    if (levels === undefined) continue;
    if (!isContent(levels) || Object.values(levels).some((value) => level(value) === undefined)) {
      throw badJson(`${group} must be a dict of integers.`);
    }
  }
  if (!hasPrivilegedCreators(room)) return;
  for (const userId of Object.keys(objectAt(content, 'users'))) {
    if (isCreator(context, room, userId)) {
      throw new MatrixError(400, 'M_UNKNOWN', `Creator user ${userId} must not appear in content.users`);
    }
  }
}
