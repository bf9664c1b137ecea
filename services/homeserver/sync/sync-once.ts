import type { Requester } from '../accounts/requester.ts';
import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { deviceListsSince } from '../keys/device-lists.ts';
import { oneTimeKeyCounts, unusedFallbackTypes } from '../keys/one-time-keys.ts';
import { toDeviceSince } from '../keys/to-device.ts';
import { strippedState } from '../rooms/stripped-state.ts';
import { accountDataSince } from './account-data-since.ts';
import { passes, passesRoom, type SyncFilter } from './event-filter.ts';
import { joinedRoom } from './joined-room.ts';
import { leftRoom } from './left-room.ts';
import type { Position } from './position.ts';

export interface SyncRequest {
  requester: Requester;
  /** Undefined for an initial sync. */
  since: Position | undefined;
  fullState: boolean;
  filter: SyncFilter;
  /** A script's timeline limit, which also marks every timeline as limited. */
  forcedLimit?: number | undefined;
}

interface Member {
  room_id: string;
  membership: string;
  pos: number;
  last_pos: number;
}

export interface SyncResult {
  body: Content;
  /** Whether a waiting client is to be answered now. */
  hasNews: boolean;
  /** Whether any room has timeline events. */
  hasTimeline: boolean;
}

/** Everything between `since` and `now` for one user, in the shape of the /sync answer. */
export function syncOnce(context: Context, request: SyncRequest, now: Position): SyncResult {
  const rooms: Record<string, Record<string, Content>> = {};
  let hasTimeline = false;
  for (const member of memberships(context, request)) {
    const part = roomPart(context, request, member, now);
    if (part === undefined) continue;
    rooms[part.section] = { ...rooms[part.section], [member.room_id]: part.content };
    hasTimeline ||= part.hasTimeline;
  }
  const accountData = accountDataSince(context, request, '').filter((event) =>
    passes(event, request.filter.account_data),
  );
  const hasRooms = Object.keys(rooms).length > 0;
  const encryption = encryptionPart(context, request);
  return {
    body: {
      ...(accountData.length > 0 ? { account_data: { events: accountData } } : {}),
      ...encryption.body,
      ...(hasRooms ? { rooms } : {}),
    },
    hasNews: hasRooms || accountData.length > 0 || encryption.hasNews,
    hasTimeline,
  };
}

/** What clients that encrypt need: messages to the device, changed device lists, keys left. */
function encryptionPart(
  context: Context,
  { requester, since }: SyncRequest,
): { body: Content; hasNews: boolean } {
  const { userId, deviceId } = requester;
  const toDevice = toDeviceSince(context, requester, since);
  const lists = since === undefined ? { changed: [], left: [] } : deviceListsSince(context, userId, since);
  const hasLists = lists.changed.length + lists.left.length > 0;
  const body = {
    ...(toDevice.length > 0 ? { to_device: { events: toDevice } } : {}),
    ...(hasLists ? { device_lists: lists } : {}),
    device_one_time_keys_count: deviceId === undefined ? {} : oneTimeKeyCounts(context, userId, deviceId),
    device_unused_fallback_key_types:
      deviceId === undefined ? [] : unusedFallbackTypes(context, userId, deviceId),
  };
  return { body, hasNews: toDevice.length > 0 || hasLists };
}

function memberships(context: Context, request: SyncRequest): Member[] {
  const members = context.database.all<Member>(
    `SELECT members.room_id, membership, pos, last_pos FROM members JOIN rooms USING (room_id)
     WHERE user_id = ? AND forgotten = 0 ORDER BY pos`,
    request.requester.userId,
  );
  return members.filter(({ room_id }) => passesRoom(room_id, request.filter.room));
}

function roomPart(
  context: Context,
  request: SyncRequest,
  member: Member,
  now: Position,
): { section: string; content: Content; hasTimeline: boolean } | undefined {
  const after = request.since?.pos ?? 0;
  switch (member.membership) {
    case 'join': {
      const room = joinedRoom(context, request, member, now);
      return room && { section: 'join', ...room };
    }
    case 'invite': {
      if (request.since !== undefined && member.pos <= after) return undefined;
      const events = strippedState(context, member.room_id, request.requester.userId);
      return { section: 'invite', content: { invite_state: { events } }, hasTimeline: false };
    }
    default: {
      const isNew = request.since !== undefined && member.pos > after;
      if (!isNew && !request.filter.room?.include_leave) return undefined;
      const room = leftRoom(context, request, member);
      return room && { section: 'leave', ...room };
    }
  }
}
