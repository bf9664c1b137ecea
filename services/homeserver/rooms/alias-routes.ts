import type { Requester } from '../accounts/requester.ts';
import { stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { forbidden, MatrixError } from '../errors.ts';
import { clientPaths, jsonBody, type MatrixRequest, param, type Reply, type Route } from '../http/route.ts';
import { roomOfAlias } from './membership-routes.ts';
import { membershipOf } from './room-state.ts';

const paths = clientPaths('/directory/room/:alias');

/** Names of rooms. */
export const aliasRoutes: Route[] = [
  {
    method: 'GET',
    paths,
    auth: 'none',
    handle: (context, request) => ({
      room_id: roomOfAlias(context, param(request, 'alias')),
      servers: [context.config.serverName],
    }),
  },
  { method: 'PUT', paths, auth: 'required', handle: setAlias },
];

function setAlias(context: Context, request: MatrixRequest, { userId }: Requester): Reply {
  const alias = param(request, 'alias');
  if (!/^#[^:]+:.+/.test(alias)) throw new MatrixError(400, 'M_INVALID_PARAM', 'Room alias invalid');
  const roomId = stringAt(jsonBody(request), 'room_id');
  if (roomId === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', 'Missing params: room_id');
  if (membershipOf(context, roomId, userId) !== 'join')
    throw forbidden(`User ${userId} not in room ${roomId}`);
  const known = context.database.get('SELECT 1 FROM aliases WHERE alias = ?', alias);
  if (known !== undefined) throw new MatrixError(409, 'M_UNKNOWN', `Room alias ${alias} already exists`);
  context.database.run('INSERT INTO aliases (alias, room_id) VALUES (?, ?)', alias, roomId);
  return {};
}
