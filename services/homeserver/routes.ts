import { loginRoutes } from './accounts/login-routes.ts';
import { registerRoutes } from './accounts/register-routes.ts';
import type { Route } from './http/route.ts';
import { createRoomRoute } from './rooms/create-room.ts';
import { membershipRoutes } from './rooms/membership-routes.ts';
import { sendRoutes } from './rooms/send-routes.ts';
import { stateRoutes } from './rooms/state-routes.ts';
import { timelineRoutes } from './rooms/timeline-routes.ts';
import { serverRoutes } from './server-routes.ts';
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
    syncRoute,
  ];
}
