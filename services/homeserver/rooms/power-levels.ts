import { type Content, objectAt } from '../content.ts';
import type { Context } from '../context.ts';
import { type Room, stateContent } from './room-state.ts';

export type PowerAction = 'ban' | 'kick' | 'invite' | 'redact';

/** From room version 12 on, creators stand above every power level. */
export const hasPrivilegedCreators = (room: Room): boolean => Number(room.version) >= 12;

export function powerLevels(context: Context, roomId: string): Content | undefined {
  return stateContent(context, roomId, 'm.room.power_levels');
}

export function isCreator(context: Context, room: Room, userId: string): boolean {
  if (room.creator === userId) return true;
  if (!hasPrivilegedCreators(room)) return false;
  const additional = stateContent(context, room.roomId, 'm.room.create')?.['additional_creators'];
  return Array.isArray(additional) && additional.includes(userId);
}

/** What the user may do, as a number; infinite for the creators of a room of version 12 or later. */
export function powerOf(context: Context, room: Room, userId: string): number {
  const isOneOfCreators = isCreator(context, room, userId);
  if (isOneOfCreators && hasPrivilegedCreators(room)) return Number.POSITIVE_INFINITY;
  const levels = powerLevels(context, room.roomId);
  if (levels === undefined) return isOneOfCreators ? 100 : 0;
  return level(objectAt(levels, 'users')[userId]) ?? level(levels['users_default']) ?? 0;
}

/** The power that sending an event of this type needs. */
export function powerToSend(context: Context, roomId: string, type: string, isState: boolean): number {
  const levels = powerLevels(context, roomId);
  if (levels === undefined) return 0;
  const own = level(objectAt(levels, 'events')[type]);
  return own ?? (isState ? (level(levels['state_default']) ?? 50) : (level(levels['events_default']) ?? 0));
}

/** The power that an act on members or messages needs. */
export function powerTo(context: Context, roomId: string, action: PowerAction): number {
  const levels = powerLevels(context, roomId);
  return level(levels?.[action]) ?? (action === 'invite' ? 0 : 50);
}

/** A power level in an event: a whole number, or (in old rooms) one written as a string. */
export function level(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value)) return Number(value);
  return undefined;
}
