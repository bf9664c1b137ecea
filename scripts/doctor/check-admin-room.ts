import type { MatrixClient } from '#matrix/matrix-client';
import { powerLevelOf } from '#matrix/power-level-of';
import { roomMembers } from '#matrix/room-members';
import { roomState } from '#matrix/room-state';
import { type Finding, fail, ok, warn } from './finding.ts';

/** The admin room: who could decide there, and who could get in. */
export async function checkAdminRoom(
  { userId, request }: MatrixClient,
  room: string,
  reviewers: readonly string[],
): Promise<Finding[]> {
  let members: Awaited<ReturnType<typeof roomMembers>>;
  try {
    members = await roomMembers(request, room);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      fail(
        'Admin room',
        `${room} cannot be seen: ${reason}`,
        `Invite ${userId} there, or correct ADMIN_ROOM_ID`,
      ),
    ];
  }
  if (members.get(userId)?.membership !== 'join') {
    return [
      fail('Admin room', `${userId} is not in ${room}`, `Invite ${userId} there, or correct ADMIN_ROOM_ID`),
    ];
  }
  const [power, needed, rules, encryption, create] = await Promise.all([
    powerLevelOf(request, room, userId),
    powerToSpeak(request, room),
    roomState(request, room, 'm.room.join_rules'),
    roomState(request, room, 'm.room.encryption'),
    roomState(request, room, 'm.room.create'),
  ]);
  return [
    power >= needed
      ? ok('Admin room', `${userId} is in ${room} and may speak`)
      : fail(
          'Admin room',
          `${userId} has power level ${power} and needs ${needed} to speak`,
          'Raise its power level in the room',
        ),
    checkReviewers(members, reviewers),
    checkEntrance(rules?.['join_rule'], create?.['m.federate'] !== false, userId, members),
    encryption === undefined
      ? ok('Admin room encryption', 'off, so decisions can be read')
      : fail(
          'Admin room encryption',
          'on: this version cannot read decisions there',
          'Make a new room without encryption (it cannot be switched off) and set ADMIN_ROOM_ID to it',
        ),
  ];
}

function checkReviewers(
  members: Awaited<ReturnType<typeof roomMembers>>,
  reviewers: readonly string[],
): Finding {
  if (reviewers.length === 0)
    return fail('Reviewers', 'nobody may approve anything', 'Set REVIEWERS to their user ids');
  const absent = reviewers.filter((id) => members.get(id)?.membership !== 'join');
  const all = reviewers.join(', ');
  if (absent.length === 0) return ok('Reviewers', `${all}, all in the admin room`);
  const mend = `Invite them to the admin room, or correct REVIEWERS`;
  const says = `not in the admin room: ${absent.join(', ')}`;
  return absent.length === reviewers.length ? fail('Reviewers', says, mend) : warn('Reviewers', says, mend);
}

function checkEntrance(
  joinRule: unknown,
  isFederated: boolean,
  userId: string,
  members: Awaited<ReturnType<typeof roomMembers>>,
): Finding {
  const check = 'Admin room entrance';
  if (joinRule === 'public') return fail(check, 'anybody can join', 'Set the room to invite only');
  if (!isFederated) return ok(check, 'invite only, and for this homeserver alone');
  const server = userId.slice(userId.indexOf(':'));
  const strangers = [...members.keys()].filter((id) => !id.endsWith(server));
  const says =
    strangers.length === 0
      ? 'invite only, but federated: people of other homeservers could be invited'
      : `people of other homeservers are in it: ${strangers.join(', ')}`;
  return warn(
    check,
    says,
    'Where that is not meant, make a new room with "m.federate": false and set ADMIN_ROOM_ID to it',
  );
}

async function powerToSpeak(request: MatrixClient['request'], room: string): Promise<number> {
  const levels = await roomState(request, room, 'm.room.power_levels');
  const events = levels?.['events'];
  const own =
    typeof events === 'object' && events !== null && 'm.room.message' in events
      ? events['m.room.message']
      : undefined;
  const needed = Number(own ?? levels?.['events_default'] ?? 0);
  return Number.isFinite(needed) ? needed : 0;
}
