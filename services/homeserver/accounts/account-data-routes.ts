import { type Content, parseStored } from '../content.ts';
import type { Context } from '../context.ts';
import { forbidden, MatrixError, notFound } from '../errors.ts';
import { clientPaths, jsonBody, type MatrixRequest, param, type Route } from '../http/route.ts';
import type { Requester } from './requester.ts';

const paths = clientPaths('/user/:user/account_data/:type').concat(
  clientPaths('/user/:user/rooms/:room/account_data/:type'),
);

/** Account data, global (such as `m.direct`) or of one room. */
export const accountDataRoutes: Route[] = [
  {
    method: 'GET',
    paths,
    auth: 'required',
    handle: (context, request, requester) => {
      requireSelf(request, requester);
      const row = context.database.get<{ content: string }>(
        'SELECT content FROM account_data WHERE user_id = ? AND room_id = ? AND type = ?',
        requester.userId,
        request.params['room'] ?? '',
        param(request, 'type'),
      );
      if (row === undefined) throw notFound('Account data not found');
      return parseStored(row.content);
    },
  },
  {
    method: 'PUT',
    paths,
    auth: 'required',
    handle: (context, request, requester) => {
      requireSelf(request, requester);
      const type = param(request, 'type');
      if (type === 'm.fully_read') {
        throw new MatrixError(
          405,
          'M_BAD_JSON',
          'Cannot set m.fully_read through this API. Use /rooms/!roomId:server.name/read_markers',
        );
      }
      setAccountData(context, requester.userId, request.params['room'] ?? '', type, jsonBody(request));
      return {};
    },
  },
];

/** Stores account data and tells the user's other clients; `''` as room means global. */
export function setAccountData(
  context: Context,
  userId: string,
  roomId: string,
  type: string,
  content: Content,
): void {
  context.database.run(
    `INSERT INTO account_data (user_id, room_id, type, content, stream) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (user_id, room_id, type) DO UPDATE SET content = excluded.content, stream = excluded.stream`,
    userId,
    roomId,
    type,
    JSON.stringify(content),
    context.database.nextStream(),
  );
  context.notifier.wake([userId]);
}

function requireSelf(request: MatrixRequest, { userId }: Requester): void {
  if (param(request, 'user') !== userId) throw forbidden('Cannot access account data of other users.');
}
