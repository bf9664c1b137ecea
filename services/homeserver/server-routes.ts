import { clientPaths, type Route } from './http/route.ts';
import { roomVersions } from './rooms/create-room.ts';

const versions = ['r0.6.1', ...Array.from({ length: 13 }, (_, minor) => `v1.${minor}`)];

/** What the homeserver says of itself. */
export const serverRoutes: Route[] = [
  {
    method: 'GET',
    paths: ['/_matrix/client/versions'],
    auth: 'none',
    handle: () => ({ versions, unstable_features: {} }),
  },
  { method: 'GET', paths: ['/health'], auth: 'none', handle: () => ({ status: 'ok' }) },
  {
    method: 'GET',
    paths: ['/.well-known/matrix/client'],
    auth: 'none',
    handle: (_context, request) => ({
      'm.homeserver': { base_url: `http://${String(request.headers['host'])}/` },
    }),
  },
  {
    method: 'GET',
    paths: clientPaths('/capabilities'),
    auth: 'required',
    handle: ({ config }) => ({
      capabilities: {
        'm.room_versions': {
          default: config.defaultRoomVersion,
          available: Object.fromEntries(roomVersions.map((version) => [version, 'stable'])),
        },
        'm.change_password': { enabled: false },
        'm.set_displayname': { enabled: true },
        'm.set_avatar_url': { enabled: true },
        'm.3pid_changes': { enabled: false },
      },
    }),
  },
];
