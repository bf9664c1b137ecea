import type { Requester } from '../accounts/requester.ts';
import { stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { invalidParam, MatrixError, notFound } from '../errors.ts';
import { clientPaths, jsonBody, type MatrixRequest, param, type Reply, type Route } from '../http/route.ts';
import { appendEvent } from '../rooms/append-event.ts';
import { memberContent } from '../rooms/member-content.ts';

interface Profile {
  displayname: string | null;
  avatar_url: string | null;
}

const isField = (name: string): name is keyof Profile => name === 'displayname' || name === 'avatar_url';

/** Display names and avatars; a change is told to every room the user is in. */
export const profileRoutes: Route[] = [
  { method: 'GET', paths: clientPaths('/profile/:user'), auth: 'none', handle: readProfile },
  { method: 'GET', paths: clientPaths('/profile/:user/:field'), auth: 'none', handle: readField },
  { method: 'PUT', paths: clientPaths('/profile/:user/:field'), auth: 'required', handle: setField },
];

function readProfile(context: Context, request: MatrixRequest): Reply {
  const { displayname, avatar_url } = profileOf(context, param(request, 'user'));
  return {
    ...(displayname === null ? {} : { displayname }),
    ...(avatar_url === null ? {} : { avatar_url }),
  };
}

function readField(context: Context, request: MatrixRequest): Reply {
  const field = param(request, 'field');
  const profile = profileOf(context, param(request, 'user'));
  if (!isField(field)) throw notFound('Profile field not found');
  return { [field]: profile[field] };
}

function setField(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const userId = param(request, 'user');
  const field = param(request, 'field');
  if (userId !== requester.userId) {
    throw new MatrixError(400, 'M_FORBIDDEN', `Cannot set another user's ${field}`);
  }
  if (!isField(field)) throw new MatrixError(400, 'M_INVALID_PARAM', `Unknown profile field ${field}`);
  const value = stringAt(jsonBody(request), field);
  if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `Missing key '${field}'`);
  if (value.length > 256) throw invalidParam(`${field} is too long (max 256)`);
  const column = field === 'displayname' ? 'displayname' : 'avatar_url';
  context.database.transaction(() => {
    context.database.run(`UPDATE users SET ${column} = ? WHERE user_id = ?`, value || null, userId);
    const rooms = context.database.all<{ room_id: string }>(
      `SELECT room_id FROM members WHERE user_id = ? AND membership = 'join'`,
      userId,
    );
    for (const { room_id } of rooms) {
      const content = memberContent(context, userId, 'join');
      appendEvent(context, room_id, { type: 'm.room.member', stateKey: userId, sender: userId, content });
    }
  });
  return {};
}

function profileOf(context: Context, userId: string): Profile {
  const profile = context.database.get<Profile>(
    'SELECT displayname, avatar_url FROM users WHERE user_id = ?',
    userId,
  );
  if (profile === undefined) throw new MatrixError(404, 'M_UNKNOWN', 'No row found (profiles)');
  return profile;
}
