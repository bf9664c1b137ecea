import { accountDataRoutes } from './accounts/account-data-routes.ts';
import { clientRoutes } from './accounts/client-routes.ts';
import { deviceRoutes } from './accounts/device-routes.ts';
import { loginRoutes } from './accounts/login-routes.ts';
import { profileRoutes } from './accounts/profile-routes.ts';
import { registerRoutes } from './accounts/register-routes.ts';
import { pingRoute } from './appservice/ping-route.ts';
import type { Route } from './http/route.ts';
import { crossSigningRoutes } from './keys/cross-signing-routes.ts';
import { keyRoutes } from './keys/key-routes.ts';
import { sendToDeviceRoute } from './keys/to-device.ts';
import { mediaRoutes } from './media-routes.ts';
import { aliasRoutes } from './rooms/alias-routes.ts';
import { createRoomRoute } from './rooms/create-room.ts';
import { ephemeralRoutes } from './rooms/ephemeral-routes.ts';
import { membershipRoutes } from './rooms/membership-routes.ts';
import { sendRoutes } from './rooms/send-routes.ts';
import { stateRoutes } from './rooms/state-routes.ts';
import { timelineRoutes } from './rooms/timeline-routes.ts';
import { serverRoutes } from './server-routes.ts';
import { filterRoutes } from './sync/filter-routes.ts';
import { syncRoute } from './sync/sync-route.ts';

/** Every endpoint of the embedded homeserver. */
export function allRoutes(): Route[] {
  return [
    ...serverRoutes,
    ...loginRoutes,
    ...registerRoutes(),
    createRoomRoute,
    ...membershipRoutes,
    ...sendRoutes,
    ...stateRoutes,
    ...timelineRoutes,
    ...profileRoutes,
    ...accountDataRoutes,
    ...deviceRoutes,
    ...clientRoutes,
    ...filterRoutes,
    ...ephemeralRoutes,
    ...aliasRoutes,
    ...mediaRoutes,
    pingRoute,
    ...keyRoutes,
    ...crossSigningRoutes,
    sendToDeviceRoute,
    syncRoute,
  ];
}
