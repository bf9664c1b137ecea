import type { Logger } from 'pino';
import { MatrixRequestError } from '#matrix/errors';
import { joinRoom } from '#matrix/join-room';
import { leaveRoom } from '#matrix/leave-room';
import type { MatrixRequest } from '#matrix/matrix-client';
import { powerLevelOf } from '#matrix/power-level-of';
import { powerToSend } from '#matrix/power-to-send';
import { roomState } from '#matrix/room-state';
import { roomPredecessor, roomTombstone, type Tombstone } from '#matrix/room-tombstone';
import type { RoomMoves } from '#operations/rooms/room-moves';
import { isRoomAllowed, type RoomPolicy } from '../admission/room-policy.ts';

export interface FollowUpgradeDeps {
  readonly request: MatrixRequest;
  readonly policy: RoomPolicy;
  readonly moves: RoomMoves;
  readonly log: Logger;
}

export type Followed =
  | { readonly kind: 'followed'; readonly to: string; readonly isAdminRoom: boolean }
  /** It is not to be trusted, and nothing will change that. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may come to be: somebody has to invite us, or the homeserver has to answer. */
  | { readonly kind: 'later'; readonly reason: string };

const tombstoneType = 'm.room.tombstone';

/**
 * Follows a room into the one that replaces it, where all of this holds: the tombstone is in the old room's state, its
 * sender is in that room with the power to set it, the new room says that it continues the old one, the same person is
 * in it, and we can join it. The admin room is followed by the hand of a reviewer alone, and until then nothing counts
 * there: it fails closed.
 *
 * @throws {MatrixRequestError} where the homeserver cannot say now, or refuses us what we must see.
 */
export async function followUpgrade(
  deps: FollowUpgradeDeps,
  room: string,
  signal: AbortSignal,
): Promise<Followed> {
  const { request, policy, moves } = deps;
  const tombstone = await roomTombstone(request, room);
  if (tombstone === undefined) return refused('the room has no tombstone in its state that names a room');
  const obstacle = await obstacleInOld(request, room, tombstone);
  if (obstacle !== undefined) return refused(obstacle);
  const isAdminRoom = (await moves.lineOf(room)).includes(policy.adminRoom);
  if (isAdminRoom) {
    await moves.note(room, null);
    if (!policy.reviewers.includes(tombstone.sender)) {
      return refused(`it is the admin room, and ${tombstone.sender} is not one of REVIEWERS`);
    }
  }
  const { replacement } = tombstone;
  const joined = await tryToJoin(request, room, tombstone, signal);
  if (joined !== undefined) return joined;
  const doubt = await doubtInNew(request, room, tombstone);
  if (doubt === undefined) {
    const noted = await moves.note(room, replacement);
    if (noted === 'noted') return { kind: 'followed', to: replacement, isAdminRoom };
    return refused(`rooms would form a circle, a line that is too long, or two lines into one (${noted})`);
  }
  if (!isRoomAllowed(replacement, policy)) await leave(deps, replacement, doubt);
  return refused(doubt);
}

async function obstacleInOld(
  request: MatrixRequest,
  room: string,
  { sender, replacement }: Tombstone,
): Promise<string | undefined> {
  if (replacement === room) return 'the room names itself as its replacement';
  if (!(await isJoined(request, room, sender))) return `${sender}, who ended the room, is not in it any more`;
  const has = await powerLevelOf(request, room, sender);
  const needs = await powerToSend(request, room, tombstoneType, 'state');
  return has < needs
    ? `${sender}, who ended the room, has power level ${has} in it, and ${needs} is needed`
    : undefined;
}

async function doubtInNew(
  request: MatrixRequest,
  room: string,
  { sender, replacement }: Tombstone,
): Promise<string | undefined> {
  const predecessor = await roomPredecessor(request, replacement);
  if (predecessor !== room) {
    return `the new room does not say that it continues this one (it names ${predecessor ?? 'none'})`;
  }
  return (await isJoined(request, replacement, sender))
    ? undefined
    : `${sender}, who ended the room, is not in the new one`;
}

async function tryToJoin(
  request: MatrixRequest,
  room: string,
  { sender, replacement }: Tombstone,
  signal: AbortSignal,
): Promise<Followed | undefined> {
  const via = [...new Set([sender, room, replacement].flatMap(serverOf))];
  try {
    await joinRoom(request, replacement, signal, via);
    return undefined;
  } catch (error) {
    if (!(error instanceof MatrixRequestError)) throw error;
    if (error.status === 401) throw error;
    return { kind: 'later', reason: `the new room does not let us in: ${error.message}` };
  }
}

async function leave({ request, log }: FollowUpgradeDeps, room: string, doubt: string): Promise<void> {
  try {
    await leaveRoom(request, room, 'This room was named as the upgrade of another one, and is not.');
  } catch (error) {
    log.warn({ err: error, room, doubt }, 'Could not leave a room that is no upgrade');
  }
}

async function isJoined(request: MatrixRequest, room: string, user: string): Promise<boolean> {
  const member = await roomState(request, room, 'm.room.member', user);
  return member?.['membership'] === 'join';
}

/** None for a room id of version 12 or later. */
function serverOf(id: string): string[] {
  const at = id.indexOf(':');
  return at < 0 ? [] : [id.slice(at + 1)];
}

function refused(reason: string): Followed {
  return { kind: 'refused', reason };
}
