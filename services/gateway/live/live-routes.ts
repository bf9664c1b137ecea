import type { FastifyInstance } from 'fastify';
import type { RouteDeps } from '../route-deps.ts';
import { createFrames } from './create-frames.ts';
import { createRestorer } from './create-restorer.ts';
import { followRoute } from './follow-route.ts';
import { defaultLiveLimits, type LiveLimits } from './live-limits.ts';
import { openSocketDoor } from './open-socket-door.ts';
import { createPacer } from './pacer.ts';
import { createPlaces } from './places.ts';

/**
 * What happens in conversations, live: server-sent events for one session, WebSockets for one or all. They end when
 * `signal` is aborted.
 */
export function liveRoutes(
  app: FastifyInstance,
  deps: RouteDeps,
  limits: LiveLimits = defaultLiveLimits,
): void {
  const shared = {
    ...deps,
    limits,
    places: createPlaces(limits),
    pacer: createPacer(limits),
    frames: createFrames(),
    restorer: createRestorer(deps.vault, deps.log),
  };
  followRoute(app, shared);
  openSocketDoor(app.server, shared);
}
