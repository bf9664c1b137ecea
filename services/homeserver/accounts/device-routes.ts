import { type Content, stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { MatrixError, notFound } from '../errors.ts';
import { clientPaths, jsonBody, param, type Route } from '../http/route.ts';
import { isPasswordOf } from './accounts.ts';
import { removeDevice } from './devices.ts';

interface DeviceRow {
  device_id: string;
  display_name: string | null;
}

const path = clientPaths('/devices/:device');

/** The requester's own devices. */
export const deviceRoutes: Route[] = [
  {
    method: 'GET',
    paths: clientPaths('/devices'),
    auth: 'required',
    handle: (context, _request, { userId }) => ({
      devices: context.database
        .all<DeviceRow>('SELECT device_id, display_name FROM devices WHERE user_id = ?', userId)
        .map((row) => show(userId, row)),
    }),
  },
  {
    method: 'GET',
    paths: path,
    auth: 'required',
    handle: (context, request, { userId }) =>
      show(userId, findDevice(context, userId, param(request, 'device'))),
  },
  {
    method: 'PUT',
    paths: path,
    auth: 'required',
    handle: (context, request, { userId, appservice }) => {
      const deviceId = param(request, 'device');
      const name = stringAt(jsonBody(request), 'display_name') ?? null;
      // An appservice may create devices for its users this way; others only rename theirs.
      if (appservice === undefined) findDevice(context, userId, deviceId);
      context.database.run(
        `INSERT INTO devices (user_id, device_id, display_name) VALUES (?, ?, ?)
         ON CONFLICT (user_id, device_id) DO UPDATE SET display_name = coalesce(excluded.display_name, display_name)`,
        userId,
        deviceId,
        name,
      );
      return {};
    },
  },
  {
    method: 'DELETE',
    paths: path,
    auth: 'required',
    handle: async (context, request, { userId, appservice }) => {
      const auth = jsonBody(request)['auth'];
      const password =
        typeof auth === 'object' && auth !== null && 'password' in auth ? String(auth.password) : '';
      if (appservice === undefined && !(await isPasswordOf(context, userId, password))) {
        throw new MatrixError(401, 'M_FORBIDDEN', 'Deleting a device needs the password', {
          session: 'device',
          flows: [{ stages: ['m.login.password'] }],
          params: {},
        });
      }
      removeDevice(context, userId, param(request, 'device'));
      return {};
    },
  },
];

function findDevice(context: Context, userId: string, deviceId: string): DeviceRow {
  const row = context.database.get<DeviceRow>(
    'SELECT device_id, display_name FROM devices WHERE user_id = ? AND device_id = ?',
    userId,
    deviceId,
  );
  if (row === undefined) throw notFound('No device found');
  return row;
}

const show = (userId: string, { device_id, display_name }: DeviceRow): Content => ({
  user_id: userId,
  device_id,
  display_name,
  last_seen_ip: null,
  last_seen_ts: null,
});
